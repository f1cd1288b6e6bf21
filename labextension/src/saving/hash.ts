import type { ICollaborativeContentProvider } from '@jupyter/collaborative-drive';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { IStatusSource } from '../tokens';
import { within } from '../within';
import { isOffline, isRefused, offlineError } from './offline';
import { replaceMethod } from './replace';
import { SAVE_TIMEOUT } from './watch';

/**
 * Keeps "File Changed" away from notebooks that are live on the server.
 *
 * Before each save a context compares the hash of the file with the one that it
 * knows. It learns of an export through `state.hash` and one more request, whose
 * answers may come late, out of order, or not at all; until then the hash that
 * it knows is older than the file, and the dialog would be about our own
 * writing. An outside edit needs no dialog either: the server takes it in or
 * keeps it before it writes, and the dialog's *Revert* does nothing to a live
 * document. So the question is answered with what the context knows, and only
 * what it does not know is filled in from `state.hash`.
 */
export class HashGuard implements IDisposable {
  /**
   * Construct a guard; it stands until it is disposed.
   */
  constructor(options: HashGuard.IOptions) {
    this._source = options.source;
    this._tracker = options.tracker;
    this._trans = options.trans;
    this._original = options.content.get.bind(options.content);
    this._replaced = replaceMethod(options.content, 'get', this._get);
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

  private readonly _get = (
    path: string,
    options?: Contents.IFetchOptions
  ): Promise<Contents.IModel> => {
    const answer = this._original(path, options);
    if (this.isDisposed || !isHashQuestion(options)) {
      return answer;
    }
    const context = this._liveContext(path);
    return context ? this._answer(path, context, answer) : answer;
  };

  private async _answer(
    path: string,
    context: NotebookPanel['context'],
    answer: Promise<Contents.IModel>
  ): Promise<Contents.IModel> {
    const late = (): Error => offlineError(this._trans);
    const [file, status] = await Promise.allSettled([
      within(answer, SAVE_TIMEOUT, late),
      within(this._source.status(path), SAVE_TIMEOUT, late)
    ]);
    const known = context.contentsModel;
    // Only a server that looks after outside edits spares us the comparison.
    if (status.status === 'fulfilled' && known !== null) {
      const model = modelOf(file, known);
      if (model !== null) {
        return agree(model, known, context.model.sharedModel.getState('hash'));
      }
    }
    if (file.status === 'fulfilled') {
      return file.value;
    }
    throw isOffline(file.reason) ? offlineError(this._trans) : file.reason;
  }

  private _liveContext(path: string): NotebookPanel['context'] | undefined {
    // The path of a context on another drive begins with the drive's name.
    const panel = this._tracker.find(
      ({ context }) =>
        context.path === path && context.model.collaborative === true
    );
    return panel?.context;
  }

  private readonly _original: ICollaborativeContentProvider['get'];
  private readonly _replaced: IDisposable;
  private readonly _source: IStatusSource;
  private readonly _tracker: INotebookTracker;
  private readonly _trans: TranslationBundle;
}

/**
 * A namespace for `HashGuard` statics.
 */
export namespace HashGuard {
  /**
   * The options of a guard. Nothing of it becomes the guard's own.
   */
  export interface IOptions {
    /**
     * The provider through which contexts of collaborative documents read.
     */
    content: ICollaborativeContentProvider;

    /**
     * Whom to ask whether a notebook is live.
     */
    source: IStatusSource;

    /**
     * The notebooks.
     */
    tracker: INotebookTracker;

    /**
     * The words.
     */
    trans: TranslationBundle;
  }
}

/**
 * Whether a request asks for the state of a file only to see if it has changed.
 *
 * #### Notes
 * A context asks so right before a save, and once after it for the new hash.
 */
function isHashQuestion(options: Contents.IFetchOptions | undefined): boolean {
  return (
    options?.content === false &&
    options.hash === true &&
    options.format === undefined &&
    options.type === undefined
  );
}

type KnownModel = NonNullable<NotebookPanel['context']['contentsModel']>;

/**
 * The model to answer with, unless the server was not reached.
 *
 * #### Notes
 * A context that is told that the file is missing writes one by itself, past the
 * live document, and one that is told of another trouble stops there. Answered
 * with what it knows, it has the server save, which knows what is the matter.
 */
function modelOf(
  file: PromiseSettledResult<Contents.IModel>,
  known: KnownModel
): Contents.IModel | null {
  if (file.status === 'fulfilled') {
    return file.value;
  }
  return isRefused(file.reason) ? { ...known, content: null } : null;
}

/**
 * Make a model say of the file what the context knows already.
 */
function agree(
  model: Contents.IModel,
  known: KnownModel,
  liveHash: unknown
): Contents.IModel {
  const live = typeof liveHash === 'string' ? liveHash : undefined;
  return {
    ...model,
    hash: known.hash ?? live ?? model.hash,
    // Compared instead when the context knows no hash, as after a rename.
    last_modified: known.last_modified
  };
}
