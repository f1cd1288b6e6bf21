import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type {
  IAutosaveRecord,
  IAutosaveStatus,
  ICellChange,
  ICellCounts,
  IJournalStatus,
  IOfferedCell,
  IRecoverySource,
  IReloader,
  IStatusSource,
  Recovery,
  RecoveryAction
} from './tokens';

/**
 * Where the server part answers, below the base URL.
 */
const API_PATH = 'api/crdt-autosave';

/**
 * The server answered with an error.
 */
export class ApiError extends Error {
  /**
   * Construct an error from an answer.
   *
   * @param status - the HTTP status.
   * @param reason - the code that the server part gives; empty if someone else answered.
   * @param message - the explanation for people.
   */
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/**
 * The server answered with something that is not what was asked for.
 */
export class PayloadError extends Error {
  /**
   * Construct an error for an answer of the wrong shape.
   */
  constructor(endpoint: string) {
    super(`Unusable answer of ${endpoint}`);
    this.name = 'PayloadError';
  }
}

/**
 * The typed client of the server part.
 */
export class AutosaveApi implements IStatusSource, IRecoverySource, IReloader {
  /**
   * Construct a client for a server.
   */
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /**
   * Ask for the status of the notebook at a path of the server.
   */
  async status(path: string): Promise<IAutosaveStatus> {
    return this._request('status', path, isAutosaveStatus);
  }

  /**
   * Ask for recovered work of the notebook at a path of the server.
   */
  async recovery(path: string): Promise<Recovery> {
    return this._request('recovery', path, isRecovery);
  }

  /**
   * Answer the offer with that id.
   */
  async settle(
    path: string,
    action: RecoveryAction,
    id: string
  ): Promise<Recovery> {
    return this._request('recovery', path, isRecovery, {
      body: JSON.stringify({ action, id }),
      method: 'POST'
    });
  }

  /**
   * Make the notebook at a path of the server what its file is.
   */
  async reload(path: string): Promise<IAutosaveStatus> {
    return this._request('reload', path, isAutosaveStatus, { method: 'POST' });
  }

  /**
   * Ask for something about the notebook at a path of the server.
   */
  private async _request<T>(
    what: string,
    path: string,
    isAnswer: (payload: unknown) => payload is T,
    init: RequestInit = {}
  ): Promise<T> {
    const endpoint = URLExt.join(what, URLExt.encodeParts(path));
    const payload = await this._fetch(endpoint, init);
    if (!isAnswer(payload)) {
      throw new PayloadError(endpoint);
    }
    return payload;
  }

  private async _fetch(endpoint: string, init: RequestInit): Promise<unknown> {
    const url = URLExt.join(this._settings.baseUrl, API_PATH, endpoint);
    const response = await ServerConnection.makeRequest(
      url,
      init,
      this._settings
    );
    const payload = parse(await response.text());
    if (response.ok) {
      return payload;
    }
    const { message, reason } = isRecord(payload) ? payload : {};
    throw new ApiError(
      response.status,
      typeof reason === 'string' ? reason : '',
      typeof message === 'string' ? message : response.statusText
    );
  }
}

/**
 * Whether a payload is the status of a notebook; keys that are not known are let pass.
 */
export function isAutosaveStatus(value: unknown): value is IAutosaveStatus {
  return (
    isRecord(value) &&
    typeof value.path === 'string' &&
    typeof value.lineage === 'string' &&
    typeof value.unsaved === 'boolean' &&
    typeof value.kernel === 'string' &&
    isTimeOrNull(value.deferred) &&
    isTimeOrNull(value.due_at) &&
    (value.last_autosave === null || isAutosaveRecord(value.last_autosave)) &&
    isTimeOrNull(value.last_save) &&
    isJournalStatus(value.journal) &&
    isTextOrNull(value.offer) &&
    isTextOrNull(value.export_error)
  );
}

function isAutosaveRecord(value: unknown): value is IAutosaveRecord {
  return (
    isRecord(value) && isTime(value.at) && typeof value.target === 'string'
  );
}

function isJournalStatus(value: unknown): value is IJournalStatus {
  return (
    isRecord(value) &&
    typeof value.healthy === 'boolean' &&
    isTextOrNull(value.error) &&
    typeof value.lag === 'number' &&
    value.lag >= 0
  );
}

/**
 * Whether a payload says what was recovered of a notebook, or that nothing was.
 */
export function isRecovery(value: unknown): value is Recovery {
  if (!isRecord(value) || typeof value.path !== 'string') {
    return false;
  }
  return (
    value.available === false ||
    (value.available === true &&
      typeof value.id === 'string' &&
      (value.source === 'document' || value.source === 'checkpoint') &&
      isTimeOrNull(value.recovered_at) &&
      isTimeOrNull(value.file_modified) &&
      isCellCounts(value.cells) &&
      Array.isArray(value.changes) &&
      value.changes.every(isCellChange))
  );
}

function isCellCounts(value: unknown): value is ICellCounts {
  return (
    isRecord(value) &&
    [value.added, value.removed, value.changed].every(Number.isInteger)
  );
}

function isCellChange(value: unknown): value is ICellChange {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    typeof value.kind === 'string' &&
    (value.before === null || isOfferedCell(value.before)) &&
    (value.after === null || isOfferedCell(value.after))
  );
}

function isOfferedCell(value: unknown): value is IOfferedCell {
  return (
    isRecord(value) &&
    typeof value.cell_type === 'string' &&
    typeof value.source === 'string' &&
    (value.outputs === undefined || Array.isArray(value.outputs))
  );
}

/**
 * Whether a parsed value is an object whose keys can be looked at.
 */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isTimeOrNull(value: unknown): value is string | null {
  return value === null || isTime(value);
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
