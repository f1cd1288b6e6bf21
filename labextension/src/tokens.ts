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
 * The command that asks what is to become of recovered work.
 */
export const RECOVER = 'crdt-autosave:recover';

/**
 * A cell as it is in an offer.
 */
export interface IOfferedCell {
  /**
   * The type: `code`, `markdown` or `raw`.
   */
  readonly cell_type: string;

  /**
   * What somebody typed.
   */
  readonly source: string;

  /**
   * What running it showed; left out where both sides of a change show the same.
   */
  readonly outputs?: readonly unknown[];
}

/**
 * What became of one cell from the file to the recovered work.
 */
export interface ICellChange {
  /**
   * The id of the cell.
   */
  readonly id: string;

  /**
   * `added`, `removed`, `changed` or `moved`.
   */
  readonly kind: string;

  /**
   * The cell in the file, `null` if it is not there.
   */
  readonly before: IOfferedCell | null;

  /**
   * The cell in the recovered work, `null` if it is not there.
   */
  readonly after: IOfferedCell | null;
}

/**
 * How many cells an offer is about.
 */
export interface ICellCounts {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/**
 * Recovered work that waits to be restored or discarded.
 */
export interface IOffer {
  readonly path: string;
  readonly available: true;

  /**
   * The id, by which it is answered.
   */
  readonly id: string;

  /**
   * Where it comes from: `document` if the notebook shows it already,
   * `checkpoint` if it is in an autosave file and the notebook shows its own file.
   */
  readonly source: 'document' | 'checkpoint';

  /**
   * When it was last changed, ISO 8601 in UTC; `null` if that is not known.
   */
  readonly recovered_at: string | null;

  /**
   * When the file was last changed, ISO 8601 in UTC; `null` if that is not known.
   */
  readonly file_modified: string | null;

  /**
   * How many cells differ.
   */
  readonly cells: ICellCounts;

  /**
   * The cells that differ, in their order.
   */
  readonly changes: readonly ICellChange[];
}

/**
 * Nothing waits for an answer.
 */
export interface INoOffer {
  readonly path: string;
  readonly available: false;
}

/**
 * What the server knows of recovered work of a notebook.
 */
export type Recovery = IOffer | INoOffer;

/**
 * An answer to an offer.
 */
export type RecoveryAction = 'restore' | 'discard';

/**
 * Whoever knows of recovered work, and takes the answer.
 */
export interface IRecoverySource {
  /**
   * Ask for recovered work of the notebook at a path of the server.
   */
  recovery(path: string): Promise<Recovery>;

  /**
   * Answer the offer with that id.
   */
  settle(path: string, action: RecoveryAction, id: string): Promise<Recovery>;
}

/**
 * Whoever can make a notebook what its file is.
 */
export interface IReloader {
  /**
   * Reload the notebook at a path of the server; what it was becomes a version.
   */
  reload(path: string): Promise<IAutosaveStatus>;
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
