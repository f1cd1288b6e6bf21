import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { DisposableSet } from '@lumino/disposable';

import { AutosaveApi } from '../api';
import { RECOVER } from '../tokens';
// Notebooks may be open from the start.
// eslint-disable-next-line jupyter/prefer-lazy-imports
import { RecoveryOffers } from './offers';

/**
 * How long it is said that nothing waits, in milliseconds.
 */
const NOTHING_SHOWN = 5_000;

let running: IDisposable | null = null;

/**
 * Offers work that a reopened notebook has and its file lacks.
 */
export const recoveryPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-autosave:recovery',
  description: 'Offers work that a reopened notebook has and its file lacks.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_crdt_autosave');
    const offers = new RecoveryOffers({
      services: app.serviceManager,
      source: new AutosaveApi(app.serviceManager.serverSettings),
      tracker,
      trans
    });
    const command = app.commands.addCommand(RECOVER, {
      caption: trans.__(
        'Restore or discard the work that this notebook has and its file lacks.'
      ),
      describedBy: { args: { properties: {}, type: 'object' } },
      execute: async () => {
        if ((await offers.current?.ask()) === false) {
          Notification.info(
            trans.__('No recovered work waits in this notebook.'),
            { autoClose: NOTHING_SHOWN }
          );
        }
      },
      isEnabled: () => offers.current !== null,
      label: trans.__('Recovered Work…')
    });
    const category = trans.__('Notebook Operations');
    const item = palette?.addItem({ category, command: RECOVER });
    running = DisposableSet.from([command, offers, ...(item ? [item] : [])]);
  },
  deactivate: () => {
    running?.dispose();
    running = null;
  }
};
