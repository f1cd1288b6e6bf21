import { ICollaborativeContentProvider } from '@jupyter/collaborative-drive';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { DisposableSet } from '@lumino/disposable';

import { AutosaveApi } from '../api';
import { NotebookLink } from '../link';
import { StatusFollower } from './follower';
import { StatusModel } from './model';
import { responder } from './respond';
// It is on the screen from the start.
// eslint-disable-next-line jupyter/prefer-lazy-imports
import { StatusItem } from './view';

let running: IDisposable | null = null;

/**
 * Says in the status bar whether the edits of the current notebook are kept.
 */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-autosave:status',
  description:
    'Says in the status bar whether the edits of the current notebook are kept.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [IStatusBar, ICollaborativeContentProvider, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    statusBar: IStatusBar | null,
    content: ICollaborativeContentProvider | null,
    translator: ITranslator | null
  ): void => {
    if (!statusBar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_crdt_autosave');
    const services = app.serviceManager;
    const link = new NotebookLink(content);
    const model = new StatusModel({
      source: new AutosaveApi(services.serverSettings),
      link
    });
    const follower = new StatusFollower({
      model,
      services,
      shell: app.shell,
      tracker
    });
    const item = statusBar.registerStatusItem('jupyter-crdt-autosave:status', {
      item: new StatusItem(model, trans, responder(app.commands, trans)),
      align: 'left',
      rank: 5,
      // Items of priority 0 are hidden in narrow windows; an alarm must not be.
      priority: 1,
      isActive: () => model.standing.kind !== 'hidden',
      activeStateChanged: model.stateChanged
    });
    running = DisposableSet.from([follower, item, model, link]);
  },
  deactivate: () => {
    running?.dispose();
    running = null;
  }
};
