import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { Event } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { ChangeKind } from './change';
import { changeOf } from './change';
import { fit } from './fit';

/**
 * The length of a notebook's name from which on it is cut off beside a reason.
 */
const NAME_LONGEST = 40;

/**
 * How long the notice of a merge is shown, in milliseconds.
 */
const MERGE_SHOWN = 5_000;

let running: IDisposable | null = null;

/**
 * Says what became of changes that other programs made to the files of open
 * notebooks.
 */
export const outsidePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-crdt-autosave:outside',
  description:
    'Says what became of changes that other programs made to the files of open notebooks.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_crdt_autosave');
    running = new OutsideNotices({ app, tracker, trans });
  },
  deactivate: () => {
    running?.dispose();
    running = null;
  }
};

/**
 * The notices about changes from outside, at most one of each kind for each
 * notebook.
 */
export class OutsideNotices implements IDisposable {
  /**
   * Construct notices; they come until they are disposed.
   */
  constructor(options: OutsideNotices.IOptions) {
    this._app = options.app;
    this._tracker = options.tracker;
    this._trans = options.trans;
    this._app.serviceManager.events.stream.connect(this._onEvent, this);
  }

  /**
   * Whether the notices are disposed.
   */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Take back what is shown, and show nothing any more.
   */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._app.serviceManager.events.stream.disconnect(this._onEvent, this);
    this._shown.forEach(({ id }) => Notification.dismiss(id));
    this._shown.clear();
  }

  private _onEvent(_: unknown, emission: Event.Emission): void {
    const change = changeOf(emission);
    if (change === null || this._panelOf(change.path) === undefined) {
      return;
    }
    const { cells, kind, path, reason } = change;
    if (kind === 'unreadable') {
      this._sayUnreadable(path, reason);
      return;
    }
    // Whatever else there is to say, the file could be read.
    this._dismiss('unreadable', path);
    if (kind === 'merged') {
      this._sayMerged(path);
    } else if (kind === 'conflict') {
      const known = this._notice('conflict', path)?.cells ?? [];
      this._sayConflict(path, [...new Set([...known, ...cells])]);
    }
  }

  private _sayMerged(path: string): void {
    const message = fit(nameOf(path), name =>
      this._trans.__(
        '%1: changes that another program made were merged with yours.',
        name
      )
    );
    this._show('merged', path, message, { autoClose: MERGE_SHOWN });
  }

  private _sayUnreadable(path: string, reason: string | null): void {
    const name = fit(nameOf(path), text => text, NAME_LONGEST);
    const message = reason
      ? fit(reason.replace(/\.$/, ''), text =>
          this._trans.__(
            '%1: its file cannot be read (%2). Your notebook is kept; saving replaces the file.',
            name,
            text
          )
        )
      : this._trans.__(
          '%1: its file cannot be read. Your notebook is kept; saving replaces the file.',
          name
        );
    this._show('unreadable', path, message, { autoClose: false });
  }

  private _sayConflict(path: string, cells: readonly string[]): void {
    const [first] = this._placesOf(path, cells);
    const message = fit(nameOf(path), name =>
      first === undefined
        ? this._trans.__(
            '%1: another program changed the same words as you. Yours stand; its text is kept as a version.',
            name
          )
        : this._trans._n(
            '%2: another program changed the same words in cell %3. Yours stand; its text is kept as a version.',
            '%2: another program changed the same words in %1 cells, first in cell %3. Yours stand; its text is kept.',
            cells.length,
            name,
            first.index + 1
          )
    );
    const show: Notification.IAction = {
      label: this._trans.__('Show cell'),
      callback: event => this._onShow(event, path, cells)
    };
    const actions = first === undefined ? [] : [show];
    this._show('conflict', path, message, { actions, autoClose: false }, cells);
  }

  /**
   * Show the first of the cells; the notice goes on with the others.
   */
  private _onShow(
    event: MouseEvent,
    path: string,
    cells: readonly string[]
  ): void {
    const [first, ...others] = this._placesOf(path, cells);
    if (others.length > 0) {
      event.preventDefault();
      this._sayConflict(
        path,
        others.map(({ id }) => id)
      );
    }
    void this._reveal(path, first?.id);
  }

  private async _reveal(path: string, id?: string): Promise<void> {
    const panel = this._panelOf(path);
    if (panel === undefined) {
      return;
    }
    this._app.shell.activateById(panel.id);
    await panel.revealed;
    const notebook = panel.content;
    const index = notebook.widgets.findIndex(cell => cell.model.id === id);
    if (index >= 0) {
      notebook.activeCellIndex = index;
      await notebook.scrollToCell(notebook.widgets[index], 'center');
    }
  }

  /**
   * Those of the cells that are there, as a reader meets them.
   */
  private _placesOf(path: string, ids: readonly string[]): ICellPlace[] {
    const cells = this._panelOf(path)?.model?.sharedModel.cells ?? [];
    return cells
      .map((cell, index) => ({ id: cell.getId(), index }))
      .filter(({ id }) => ids.includes(id));
  }

  private _panelOf(path: string): NotebookPanel | undefined {
    const drive = this._app.serviceManager.contents;
    return this._tracker.find(
      panel => drive.localPath(panel.context.path) === path
    );
  }

  private _show(
    kind: ChangeKind,
    path: string,
    message: string,
    options: Notification.IOptions<string>,
    cells: readonly string[] = []
  ): void {
    const type = kind === 'merged' ? 'info' : 'warning';
    let id = this._notice(kind, path)?.id;
    if (id === undefined) {
      id = Notification.emit(message, type, options);
    } else {
      Notification.update({ id, message, ...options });
    }
    this._shown.set(keyOf(kind, path), { cells, id });
  }

  private _dismiss(kind: ChangeKind, path: string): void {
    const notice = this._notice(kind, path);
    if (notice !== undefined) {
      Notification.dismiss(notice.id);
    }
  }

  /**
   * The notice that nobody has dismissed yet.
   */
  private _notice(kind: ChangeKind, path: string): INotice | undefined {
    const key = keyOf(kind, path);
    const notice = this._shown.get(key);
    if (notice !== undefined && !Notification.manager.has(notice.id)) {
      this._shown.delete(key);
      return undefined;
    }
    return notice;
  }

  private readonly _app: JupyterFrontEnd;
  private readonly _shown = new Map<string, INotice>();
  private readonly _tracker: INotebookTracker;
  private readonly _trans: TranslationBundle;
  private _isDisposed = false;
}

/**
 * A namespace for `OutsideNotices` statics.
 */
export namespace OutsideNotices {
  /**
   * The options of notices. Nothing of it becomes the notices' own.
   */
  export interface IOptions {
    /**
     * The application whose server sends the events.
     */
    app: JupyterFrontEnd;

    /**
     * The notebooks.
     */
    tracker: INotebookTracker;

    /**
     * The words.
     */
    trans: TranslationBundle;
  }
}

/**
 * A notice that was shown, and the cells that it is about.
 */
interface INotice {
  readonly cells: readonly string[];
  readonly id: string;
}

interface ICellPlace {
  readonly id: string;
  readonly index: number;
}

function keyOf(kind: ChangeKind, path: string): string {
  return `${kind}:${path}`;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
