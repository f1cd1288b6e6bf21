import type {
  ICollaborativeContentProvider,
  IDocumentProvider
} from '@jupyter/collaborative-drive';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { notebookProvider, socketOwner } from '../link';
import type { IStatusSource } from '../tokens';
import { within } from '../within';
import { offlineError } from './offline';
import { replaceMethod } from './replace';
import { NoReply, SaveWatch } from './watch';

type Save = ICollaborativeContentProvider['save'];

/**
 * How long to look for the reason of a failure before it is shown without one.
 */
const REASON_TIMEOUT = 5_000;

/**
 * Makes saving a live notebook end as it really did.
 *
 * The provider of a document resolves a save at once while there is no socket,
 * never ends one whose socket closes, and tells that one failed but not why.
 */
export class SaveGuard implements IDisposable {
  /**
   * Construct a guard; it stands until it is disposed.
   */
  constructor(options: SaveGuard.IOptions) {
    this._content = options.content;
    this._source = options.source;
    this._trans = options.trans;
    this._original = this._content.save.bind(this._content);
    this._replaced = replaceMethod(this._content, 'save', this._save);
  }

  /**
   * Whether the guard is disposed.
   */
  get isDisposed(): boolean {
    return this._replaced.isDisposed;
  }

  /**
   * Put the original method back.
   */
  dispose(): void {
    this._replaced.dispose();
  }

  private readonly _save: Save = (path, options) => {
    const isNotebook =
      options?.type === 'notebook' && options.format === 'json';
    const provider = isNotebook && notebookProvider(this._content, path);
    return provider && !this.isDisposed
      ? this._saveInTurn(provider, path, options)
      : this._original(path, options);
  };

  /**
   * Replies name the request that they answer by a number known to the provider
   * only, so a notebook has one save under way at a time.
   */
  private _saveInTurn(
    provider: IDocumentProvider,
    ...request: Parameters<Save>
  ): Promise<Contents.IModel> {
    const previous = this._underWay.get(provider) ?? Promise.resolve();
    const save = previous.then(() => this._saveOnce(provider, ...request));
    this._underWay.set(
      provider,
      save.catch(() => undefined)
    );
    return save;
  }

  private async _saveOnce(
    provider: IDocumentProvider,
    ...request: Parameters<Save>
  ): Promise<Contents.IModel> {
    const watch = new SaveWatch(this._openSocket(provider));
    try {
      return await Promise.race([this._original(...request), watch.lost]);
    } catch (error) {
      throw await this._explain(error, watch, request[0]);
    } finally {
      watch.stop();
    }
  }

  /**
   * The socket to save through, or `null` if the provider does not show it.
   *
   * #### Notes
   * Until both sides are in sync, edits made while the socket was closed have
   * not reached the server, and a save would leave them out.
   */
  private _openSocket(provider: IDocumentProvider): WebSocket | null {
    const owner = socketOwner(provider);
    if (owner === undefined) {
      return null;
    }
    if (owner?.ws?.readyState !== WebSocket.OPEN || !owner.synced) {
      throw offlineError(this._trans);
    }
    return owner.ws;
  }

  private async _explain(
    error: unknown,
    watch: SaveWatch,
    path: string
  ): Promise<unknown> {
    if (error instanceof NoReply) {
      return new Error(this._explainNoReply(error));
    }
    if (watch.hasSucceeded) {
      return error;
    }
    const reason = watch.reason ?? (await this._askReason(path));
    return new Error(
      this._trans.__('not saved: %1', reason ?? messageOf(error))
    );
  }

  private _explainNoReply(error: NoReply): string {
    return error.why === 'closed'
      ? this._trans.__(
          'not saved: the connection to the server was lost before it answered'
        )
      : this._trans.__('not saved: the server has not answered for 30 seconds');
  }

  private async _askReason(path: string): Promise<string | null> {
    try {
      const answer = this._source.status(path);
      const status = await within(answer, REASON_TIMEOUT, () => new Error());
      return status.export_error;
    } catch {
      return null;
    }
  }

  private readonly _content: ICollaborativeContentProvider;
  private readonly _original: Save;
  private readonly _replaced: IDisposable;
  private readonly _source: IStatusSource;
  private readonly _trans: TranslationBundle;
  private readonly _underWay = new WeakMap<
    IDocumentProvider,
    Promise<unknown>
  >();
}

/**
 * A namespace for `SaveGuard` statics.
 */
export namespace SaveGuard {
  /**
   * The options of a guard. Nothing of it becomes the guard's own.
   */
  export interface IOptions {
    /**
     * The provider through which contexts of collaborative documents save.
     */
    content: ICollaborativeContentProvider;

    /**
     * Whom to ask for the reason of a failure.
     */
    source: IStatusSource;

    /**
     * The words.
     */
    trans: TranslationBundle;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
