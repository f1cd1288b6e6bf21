import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Event, ServiceManager } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Throttler } from '@lumino/polling';

import type { StatusModel } from './model';

/**
 * What all our events begin with.
 */
const SCHEMA_PREFIX = 'https://schema.jupyter.org/jupyter_crdt_autosave/';

/**
 * The shortest time between two questions that events give rise to.
 */
const EVENT_INTERVAL = 500;

/**
 * Points a status model at the current notebook and tells it when to ask again.
 */
export class StatusFollower implements IDisposable {
  /**
   * Construct a follower; it follows until it is disposed.
   */
  constructor(options: StatusFollower.IOptions) {
    this._model = options.model;
    this._services = options.services;
    this._shell = options.shell;
    this._tracker = options.tracker;
    this._throttler = new Throttler(() => this._model.refresh(), {
      edge: 'trailing',
      limit: EVENT_INTERVAL
    });
    this._shell.currentChanged?.connect(this._onCurrentChanged, this);
    this._tracker.currentChanged.connect(this._onCurrentChanged, this);
    this._services.events.stream.connect(this._onEvent, this);
    this._services.connectionFailure.connect(this._onServerChange, this);
    window.addEventListener('focus', this._onWindowChange);
    window.addEventListener('online', this._onWindowChange);
    document.addEventListener('visibilitychange', this._onWindowChange);
    this._onCurrentChanged();
  }

  /**
   * Whether the follower is disposed.
   */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Stop following.
   */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._follow(null);
    this._shell.currentChanged?.disconnect(this._onCurrentChanged, this);
    this._tracker.currentChanged.disconnect(this._onCurrentChanged, this);
    this._services.events.stream.disconnect(this._onEvent, this);
    this._services.connectionFailure.disconnect(this._onServerChange, this);
    window.removeEventListener('focus', this._onWindowChange);
    window.removeEventListener('online', this._onWindowChange);
    document.removeEventListener('visibilitychange', this._onWindowChange);
    this._throttler.dispose();
  }

  /**
   * #### Notes
   * The tracker goes on naming the last notebook while something else is
   * current, so the shell has to agree.
   */
  private _onCurrentChanged(): void {
    const panel = this._tracker.currentWidget;
    this._follow(panel === this._shell.currentWidget ? panel : null);
  }

  private _follow(panel: NotebookPanel | null): void {
    if (panel !== this._panel) {
      this._panel?.context.pathChanged.disconnect(this._onPathChanged, this);
      this._panel = panel;
      this._panel?.context.pathChanged.connect(this._onPathChanged, this);
    }
    this._onPathChanged();
  }

  private _onPathChanged(): void {
    const path = this._panel?.context.path;
    // Notebooks on other drives are not files of the server.
    const isLocal =
      path !== undefined && this._services.contents.driveName(path) === '';
    this._model.path = isLocal ? path : null;
  }

  private _onEvent(_: Event.IManager, emission: Event.Emission): void {
    if (
      emission.schema_id.startsWith(SCHEMA_PREFIX) &&
      emission.path === this._model.path
    ) {
      this._onServerChange();
    }
  }

  private _onServerChange(): void {
    void this._throttler.invoke();
  }

  /**
   * #### Notes
   * The server looks at the file when it is asked: whoever comes back from
   * another program sees what that one wrote, even where the file system tells
   * the server nothing.
   */
  private readonly _onWindowChange = (): void => {
    if (!document.hidden) {
      this._model.refresh();
    }
  };

  private readonly _model: StatusModel;
  private readonly _services: ServiceManager.IManager;
  private readonly _shell: JupyterFrontEnd.IShell;
  private readonly _throttler: Throttler;
  private readonly _tracker: INotebookTracker;
  private _isDisposed = false;
  private _panel: NotebookPanel | null = null;
}

/**
 * A namespace for `StatusFollower` statics.
 */
export namespace StatusFollower {
  /**
   * The options of a follower. Nothing of it becomes the follower's own.
   */
  export interface IOptions {
    /**
     * The model to point at notebooks.
     */
    model: StatusModel;

    /**
     * The services of the application.
     */
    services: ServiceManager.IManager;

    /**
     * The shell that knows which widget is current.
     */
    shell: JupyterFrontEnd.IShell;

    /**
     * The notebooks.
     */
    tracker: INotebookTracker;
  }
}
