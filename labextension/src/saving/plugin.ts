import { ICollaborativeContentProvider } from '@jupyter/collaborative-drive';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { DisposableSet } from '@lumino/disposable';

import { AutosaveApi } from '../api';
import { SaveGuard } from './guard';
import { HashGuard } from './hash';
// Notebooks may be open from the start.
// eslint-disable-next-line jupyter/prefer-lazy-imports
import { RevertGuard } from './revert';

let running: IDisposable | null = null;

/**
 * Makes saving a collaborative notebook say what really happened.
 */
export const savingPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-autosave:saving',
  description:
    'Makes saving a collaborative notebook say what really happened.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICollaborativeContentProvider, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    content: ICollaborativeContentProvider | null,
    translator: ITranslator | null
  ): void => {
    if (!content) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_crdt_autosave');
    const source = new AutosaveApi(app.serviceManager.serverSettings);
    running = DisposableSet.from([
      new SaveGuard({ content, source, trans }),
      new HashGuard({ content, source, tracker, trans }),
      new RevertGuard({ source, tracker, trans })
    ]);
  },
  deactivate: () => {
    running?.dispose();
    running = null;
  }
};
