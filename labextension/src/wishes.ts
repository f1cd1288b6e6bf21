import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { IDisposable } from '@lumino/disposable';

/**
 * The key of the awareness state under which the server looks.
 */
const KEY = 'crdt_autosave';

/**
 * The shortest interval, in seconds, that the server takes seriously.
 */
const SHORTEST = 1;

/**
 * What a tab wants of autosave; what is left out is for the server to decide.
 */
export interface IWish {
  /**
   * Seconds from an edit to its autosave.
   */
  interval?: number;

  /**
   * Where autosave writes.
   */
  target?: 'notebook' | 'checkpoint';
}

let running: IDisposable | null = null;

/**
 * Tells the server at once what the settings say about autosave.
 */
export const wishesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-autosave:plugin',
  description: 'Tells the server at once what the settings say about autosave.',
  autoStart: true,
  requires: [INotebookTracker, ISettingRegistry],
  activate: async (
    _: JupyterFrontEnd,
    tracker: INotebookTracker,
    preferences: ISettingRegistry
  ): Promise<void> => {
    const settings = await preferences.load(wishesPlugin.id);
    running = new Wishes(tracker, settings);
  },
  deactivate: () => {
    running?.dispose();
    running = null;
  }
};

/**
 * Puts what the settings say into the awareness state of each open notebook.
 */
export class Wishes implements IDisposable {
  /**
   * Construct an object that does so until it is disposed.
   */
  constructor(
    private readonly _tracker: INotebookTracker,
    private readonly _settings: ISettingRegistry.ISettings
  ) {
    this._tracker.widgetAdded.connect(this._onAdded, this);
    this._settings.changed.connect(this._onChanged, this);
    this._onChanged();
  }

  /**
   * Whether this is disposed.
   */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Say nothing from now on.
   */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._tracker.widgetAdded.disconnect(this._onAdded, this);
    this._settings.changed.disconnect(this._onChanged, this);
  }

  private _onAdded(_: INotebookTracker, panel: NotebookPanel): void {
    this._tell(panel);
  }

  private _onChanged(): void {
    this._tracker.forEach(panel => this._tell(panel));
  }

  private _tell(panel: NotebookPanel): void {
    panel.context.model.sharedModel.awareness.setLocalStateField(
      KEY,
      wishOf(this._settings.composite)
    );
  }

  private _isDisposed = false;
}

/**
 * What settings come to; values that make no sense are left out.
 */
export function wishOf(settings: Record<string, unknown>): IWish {
  const { interval, target } = settings;
  const wish: IWish = {};
  if (typeof interval === 'number' && interval >= SHORTEST) {
    wish.interval = interval;
  }
  if (target === 'notebook' || target === 'checkpoint') {
    wish.target = target;
  }
  return wish;
}
