import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { RECOVER } from '../tokens';
import type { Standing } from './standing';
import { describe } from './text';

/**
 * JupyterLab's own command, which also says why a save failed.
 */
const SAVE = 'docmanager:save';

/**
 * Make what is called with the standing that somebody clicks on.
 */
export function responder(
  commands: CommandRegistry,
  trans: TranslationBundle
): (standing: Standing) => void {
  return standing => void respond(standing, commands, trans);
}

/**
 * Do what somebody who clicks on a standing wants: save, or learn why not.
 */
export async function respond(
  standing: Standing,
  commands: CommandRegistry,
  trans: TranslationBundle
): Promise<void> {
  if (standing.kind === 'offer') {
    await commands.execute(RECOVER);
    return;
  }
  if (standing.kind === 'kept') {
    if (standing.status.unsaved) {
      await commands.execute(SAVE);
    }
    return;
  }
  const text = describe(standing, trans);
  if (text !== null) {
    await showDialog({
      title: trans.__('Notebook edits'),
      body: `${text.label} ${text.details}`,
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
  }
}
