import { showErrorMessage } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { ApiError } from '../api';
import { addBadge } from './badge';
import type { RecoveryModel } from './model';
import type { Typing } from './typing';

/**
 * Offers recovered work in one notebook: once by a dialog when it is opened, and by
 * a badge in its toolbar for as long as it waits.
 */
export class RecoveryDesk implements IDisposable {
  /**
   * Construct a desk; it asks when the notebook is there, and nobody is typing.
   */
  constructor(options: RecoveryDesk.IOptions) {
    this._model = options.model;
    this._panel = options.panel;
    this._trans = options.trans;
    this._model.changed.connect(this._onChanged, this);
    void this._greet(options.typing);
  }

  /**
   * What waits in the notebook.
   */
  get model(): RecoveryModel {
    return this._model;
  }

  /**
   * Where the notebook is shown.
   */
  get panel(): NotebookPanel {
    return this._panel;
  }

  /**
   * Whether the desk is disposed.
   */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Offer nothing any more.
   */
  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._model.changed.disconnect(this._onChanged, this);
      this._model.dispose();
      this._badge?.dispose();
    }
  }

  /**
   * Ask what is to become of what waits, unless that is being asked already.
   *
   * @returns whether there was anything to ask about, as far as that is known.
   */
  async ask(): Promise<boolean> {
    if (this._isAsking || this._isDisposed) {
      return true;
    }
    this._isAsking = true;
    try {
      // The dialog and what compares texts are loaded when there is something to ask.
      const { ask } = await import('./ask');
      return await ask(this._model, this._trans);
    } catch (error) {
      const title = this._trans.__('Recovered work cannot be shown');
      await showErrorMessage(title, error as Error);
      return true;
    } finally {
      this._isAsking = false;
    }
  }

  private async _greet(typing: Typing): Promise<void> {
    await this._panel.context.ready;
    await this._panel.revealed;
    try {
      if (this._isDisposed || (await this._model.look()) === null) {
        return;
      }
      await typing.pause();
    } catch (error) {
      // Without a room of ours nothing is offered.
      if (!(error instanceof ApiError && error.reason === 'not_open')) {
        console.warn('Recovered work could not be asked for.', error);
      }
      return;
    }
    // Over another notebook it would be about the wrong one; the badge is there.
    if (this._panel.isVisible) {
      await this.ask();
    }
  }

  private _onChanged(): void {
    const waits = this._model.standing !== null;
    if (waits && this._badge === null) {
      this._badge = addBadge(this._panel, this._trans, () => void this.ask());
    } else if (!waits) {
      this._badge?.dispose();
      this._badge = null;
    }
  }

  private readonly _model: RecoveryModel;
  private readonly _panel: NotebookPanel;
  private readonly _trans: TranslationBundle;
  private _badge: IDisposable | null = null;
  private _isAsking = false;
  private _isDisposed = false;
}

/**
 * A namespace for `RecoveryDesk` statics.
 */
export namespace RecoveryDesk {
  /**
   * The options of a desk.
   */
  export interface IOptions {
    /**
     * What waits in the notebook; it becomes the desk's own.
     */
    model: RecoveryModel;

    /**
     * The notebook.
     */
    panel: NotebookPanel;

    /**
     * The words.
     */
    trans: TranslationBundle;

    /**
     * Knows whether somebody is typing.
     */
    typing: Typing;
  }
}
