import { Dialog } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';

import type { IOffer, RecoveryAction } from '../tokens';
import { COMPARE_CLASS, DESCRIPTION_ID, OfferBody } from './view';

/**
 * How long keys answer nothing after the dialog came up, in milliseconds.
 */
export const UNSEEN = 600;

/**
 * The keys that answer a dialog.
 */
const ANSWERS = ['Enter', 'Escape', ' '];

const TITLE_ID = 'jp-CrdtAutosave-offerTitle';

/**
 * Asks what is to become of recovered work.
 *
 * #### Notes
 * Whoever presses a key just when it comes up has not read it, so the keys count
 * from a moment later on only; and the button that has the focus changes nothing.
 */
export class OfferDialog extends Dialog<void> {
  /**
   * Construct a dialog; it comes up when it is launched.
   */
  constructor(options: OfferDialog.IOptions) {
    const { notice, offer, trans } = options;
    super({
      title: trans.__('Recovered work: %1', PathExt.basename(offer.path)),
      body: new OfferBody(offer, notice, trans),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Later') }),
        Dialog.warnButton({ label: trans.__('Discard'), actions: ['discard'] }),
        Dialog.okButton({ label: trans.__('Restore'), actions: ['restore'] })
      ],
      defaultButton: 0
    });
    this.addClass('jp-CrdtAutosave-dialog');
    this._part('header')?.setAttribute('id', TITLE_ID);
    this.node.setAttribute('aria-labelledby', TITLE_ID);
    this.node.setAttribute('aria-describedby', DESCRIPTION_ID);
  }

  /**
   * Bring it up.
   *
   * @returns the answer; `null` for later.
   */
  async ask(): Promise<RecoveryAction | null> {
    const { button } = await this.launch();
    const [action] = button.actions;
    return action === 'restore' || action === 'discard' ? action : null;
  }

  /**
   * Handle the events of the dialog's node.
   */
  override handleEvent(event: Event): void {
    if (event instanceof KeyboardEvent && event.type === 'keydown') {
      if (this._isUnseen && ANSWERS.includes(event.key)) {
        event.preventDefault();
        event.stopPropagation();
        return;
      }
      if (event.key === 'Tab' && this._goRound(event)) {
        return;
      }
    }
    super.handleEvent(event);
  }

  /**
   * Take the time, and the focus.
   */
  protected override onAfterAttach(msg: Message): void {
    this._shown = Date.now();
    super.onAfterAttach(msg);
  }

  /**
   * Let the focus go on to the first button of the body behind the last of all: the
   * dialog looks for its first button before the body is rendered.
   */
  private _goRound(event: KeyboardEvent): boolean {
    const buttons = this._part('footer')?.querySelectorAll('button') ?? [];
    const first = this.node.querySelector<HTMLElement>(`.${COMPARE_CLASS}`);
    const isLast = document.activeElement === buttons[buttons.length - 1];
    if (first === null || !isLast || event.shiftKey) {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    first.focus();
    return true;
  }

  private _part(name: 'header' | 'footer'): HTMLElement | null {
    return this.node.querySelector<HTMLElement>(`.jp-Dialog-${name}`);
  }

  private get _isUnseen(): boolean {
    return Date.now() - this._shown < UNSEEN;
  }

  private _shown = 0;
}

/**
 * A namespace for `OfferDialog` statics.
 */
export namespace OfferDialog {
  /**
   * The options of a dialog.
   */
  export interface IOptions {
    /**
     * What became of an earlier answer, if there was one.
     */
    notice: string | null;

    /**
     * What is offered.
     */
    offer: IOffer;

    /**
     * The words.
     */
    trans: TranslationBundle;
  }
}
