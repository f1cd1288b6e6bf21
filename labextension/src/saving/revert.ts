import { showErrorMessage } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { DisposableSet } from '@lumino/disposable';

import { ApiError } from '../api';
import type { IReloader } from '../tokens';
import { replaceMethod } from './replace';

/**
 * Makes *Reload from Disk* and *Revert to Checkpoint* do what they say.
 *
 * A context of a live document does nothing to revert. Both commands end there, the
 * second after the server has put the checkpoint into the file: so the server is
 * asked to make the document what the file is, and to keep what it was.
 */
export class RevertGuard implements IDisposable {
  /**
   * Construct a guard; it stands until it is disposed.
   */
  constructor(options: RevertGuard.IOptions) {
    this._source = options.source;
    this._tracker = options.tracker;
    this._trans = options.trans;
    this._tracker.widgetAdded.connect(this._onWidgetAdded, this);
    this._tracker.forEach(panel => this._onWidgetAdded(this._tracker, panel));
  }

  /**
   * Whether the guard is disposed.
   */
  get isDisposed(): boolean {
    return this._replaced.isDisposed;
  }

  /**
   * Put the original methods back.
   */
  dispose(): void {
    this._tracker.widgetAdded.disconnect(this._onWidgetAdded, this);
    this._replaced.dispose();
  }

  private _onWidgetAdded(
    _: INotebookTracker,
    { context }: NotebookPanel
  ): void {
    if (context.model.collaborative === true) {
      const original = context.revert.bind(context);
      const revert = (): Promise<void> => this._revert(context, original);
      this._replaced.add(replaceMethod(context, 'revert', revert));
    }
  }

  private async _revert(
    context: NotebookPanel['context'],
    original: () => Promise<void>
  ): Promise<void> {
    try {
      await this._source.reload(context.path);
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'not_open') {
        return original();
      }
      const title = this._trans.__('The notebook was not reloaded');
      await showErrorMessage(title, error as Error);
    }
  }

  private readonly _replaced = new DisposableSet();
  private readonly _source: IReloader;
  private readonly _tracker: INotebookTracker;
  private readonly _trans: TranslationBundle;
}

/**
 * A namespace for `RevertGuard` statics.
 */
export namespace RevertGuard {
  /**
   * The options of a guard. Nothing of it becomes the guard's own.
   */
  export interface IOptions {
    /**
     * Whoever can make a notebook what its file is.
     */
    source: IReloader;

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
