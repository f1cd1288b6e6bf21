import type { TranslationBundle } from '@jupyterlab/translation';

import type { IOffer, RecoveryAction } from '../tokens';
import { OfferDialog } from './dialog';
import type { RecoveryModel } from './model';

/**
 * Ask what is to become of the work that waits in a notebook, and see to it.
 *
 * #### Notes
 * It is asked again when what is offered becomes something else meanwhile, and when
 * the answer could not be carried out.
 *
 * @returns whether there was anything to ask about.
 */
export async function ask(
  model: RecoveryModel,
  trans: TranslationBundle
): Promise<boolean> {
  let notice: string | null = null;
  let offer = await model.look();
  const wasOffered = offer !== null;
  while (offer !== null) {
    const answer = await pose(model, offer, notice, trans);
    if (answer === 'later') {
      break;
    }
    notice =
      answer === 'overtaken'
        ? overtaken(trans)
        : await carryOut(model, answer, offer, trans);
    offer = notice === null ? null : await model.look();
  }
  return wasOffered;
}

/**
 * Ask about one offer for as long as it stands.
 */
async function pose(
  model: RecoveryModel,
  offer: IOffer,
  notice: string | null,
  trans: TranslationBundle
): Promise<RecoveryAction | 'later' | 'overtaken'> {
  // It disposes of itself once it has its answer.
  // eslint-disable-next-line jupyter/require-disposable-ownership
  const dialog = new OfferDialog({ notice, offer, trans });
  let isOvertaken = false;
  const onChanged = (): void => {
    isOvertaken = true;
    dialog.reject();
  };
  model.changed.connect(onChanged);
  try {
    const action = await dialog.ask();
    return isOvertaken ? 'overtaken' : (action ?? 'later');
  } finally {
    model.changed.disconnect(onChanged);
  }
}

/**
 * Carry out an answer.
 *
 * @returns why that did not work, `null` if it did.
 */
async function carryOut(
  model: RecoveryModel,
  action: RecoveryAction,
  offer: IOffer,
  trans: TranslationBundle
): Promise<string | null> {
  try {
    const isSettled = await model.settle(action, offer.id);
    return isSettled ? null : overtaken(trans);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return action === 'restore'
      ? trans.__('It could not be restored: %1', reason)
      : trans.__('It could not be discarded: %1', reason);
  }
}

function overtaken(trans: TranslationBundle): string {
  return trans.__(
    'What is offered has changed meanwhile. This is how it is now.'
  );
}
