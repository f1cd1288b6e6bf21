import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { Event } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';

const SCHEMA = 'https://schema.jupyter.org/jupyter_crdt_autosave/file/v1';

let running: IDisposable | null = null;

/**
 * Says when another program changed the file of an open notebook that was
 * edited here, too.
 */
export const outsidePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-autosave:outside',
  description:
    'Says when another program changed the file of a notebook that was edited here, too.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_crdt_autosave');
    const drive = app.serviceManager.contents;
    const stream = app.serviceManager.events.stream;
    const isOpen = (path: string): boolean =>
      tracker.find(panel => drive.localPath(panel.context.path) === path) !==
      undefined;
    const onEvent = (_: unknown, event: Event.Emission): void => {
      const path = setAside(event);
      if (path !== null && isOpen(path)) {
        warn(path, trans);
      }
    };
    stream.connect(onEvent);
    running = new DisposableDelegate(() => stream.disconnect(onEvent));
  },
  deactivate: () => {
    running?.dispose();
    running = null;
  }
};

/**
 * The path of the notebook whose file was set aside, or `null` for any other
 * event.
 */
function setAside(event: Event.Emission): string | null {
  const isOurs = event.schema_id === SCHEMA && event['event'] === 'set_aside';
  const path = event['path'];
  return isOurs && typeof path === 'string' ? path : null;
}

function warn(path: string, trans: TranslationBundle): void {
  const name = path.slice(path.lastIndexOf('/') + 1);
  // Short, because notifications are cut off after 140 characters.
  Notification.warning(
    trans.__(
      '%1 was changed by another program, too. Your edits stand; the other version was set aside.',
      name.length > 40 ? `${name.slice(0, 39)}…` : name
    ),
    { autoClose: false }
  );
}
