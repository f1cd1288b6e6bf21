import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

/**
 * The page option that holds the command which ends the conflict.
 */
const OPTION = 'crdtAutosaveConflict';

/**
 * Says that another extension keeps this one from working.
 */
export const conflictPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-autosave:conflict',
  description: 'Says that another extension keeps this one from working.',
  autoStart: true,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null): void => {
    const command = PageConfig.getOption(OPTION);
    if (command !== '') {
      // Earlier, nobody may be listening yet who would put it on the screen.
      void app.restored.then(() => warn(command, translator ?? nullTranslator));
    }
  }
};

function warn(command: string, translator: ITranslator): void {
  const trans = translator.load('jupyter_crdt_autosave');
  // Short, because notifications are cut off after 140 characters.
  Notification.warning(
    trans.__(
      'jupyter_crdt_autosave keeps no edits: jupyter-server-documents is active. Run: %1',
      command
    ),
    {
      autoClose: false,
      actions: [
        {
          label: trans.__('Copy command'),
          caption: command,
          callback: event => {
            event.preventDefault();
            Clipboard.copyToSystem(command);
          }
        }
      ]
    }
  );
}
