import type { ISignal } from '@lumino/signaling';

/**
 * What the newest autosave wrote.
 */
export interface IAutosaveRecord {
  /**
   * When it was written, ISO 8601 in UTC.
   */
  readonly at: string;

  /**
   * What was written: `notebook` for the file, `checkpoint` for the one beside it.
   */
  readonly target: string;
}

/**
 * The state of the record that keeps every edit of a notebook.
 */
export interface IJournalStatus {
  /**
   * Whether edits are being kept.
   */
  readonly healthy: boolean;

  /**
   * Why edits are not being kept.
   */
  readonly error: string | null;

  /**
   * How many seconds the oldest edit that is not yet durable has waited.
   */
  readonly lag: number;
}

/**
 * What the server knows of an open notebook.
 */
export interface IAutosaveStatus {
  /**
   * The path of the notebook on the server.
   */
  readonly path: string;

  /**
   * The identity of the document's history.
   */
  readonly lineage: string;

  /**
   * Whether the document holds edits that its file lacks.
   */
  readonly unsaved: boolean;

  /**
   * Whether a cell is running: `busy`, `idle`, or `none` without a kernel.
   */
  readonly kernel: string;

  /**
   * Since when an autosave that is due has been waiting for the kernel, ISO 8601 in UTC.
   */
  readonly deferred: string | null;

  /**
   * When the next autosave is due, ISO 8601 in UTC.
   */
  readonly due_at: string | null;

  /**
   * The newest autosave, if there was one.
   */
  readonly last_autosave: IAutosaveRecord | null;

  /**
   * When the file was last saved on request, ISO 8601 in UTC.
   */
  readonly last_save: string | null;

  /**
   * The state of the journal.
   */
  readonly journal: IJournalStatus;

  /**
   * The id of recovered work that waits for an answer.
   */
  readonly offer: string | null;

  /**
   * Why the file cannot be written.
   */
  readonly export_error: string | null;
}

/**
 * Whoever can be asked for the status of a notebook.
 */
export interface IStatusSource {
  /**
   * Ask for the status of the notebook at a path of the server.
   */
  status(path: string): Promise<IAutosaveStatus>;
}

/**
 * The connection between the notebooks of this tab and the server.
 */
export interface INotebookLink {
  /**
   * Emitted when a notebook's connection was lost or came back.
   */
  readonly changed: ISignal<INotebookLink, void>;

  /**
   * Whether a notebook that was connected no longer is.
   */
  isDown(path: string): boolean;
}
