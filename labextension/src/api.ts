import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type {
  IAutosaveRecord,
  IAutosaveStatus,
  IJournalStatus,
  IStatusSource
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
export class AutosaveApi implements IStatusSource {
  /**
   * Construct a client for a server.
   */
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /**
   * Ask for the status of the notebook at a path of the server.
   */
  async status(path: string): Promise<IAutosaveStatus> {
    const endpoint = URLExt.join('status', URLExt.encodeParts(path));
    const payload = await this._request(endpoint);
    if (!isAutosaveStatus(payload)) {
      throw new PayloadError(endpoint);
    }
    return payload;
  }

  private async _request(endpoint: string): Promise<unknown> {
    const url = URLExt.join(this._settings.baseUrl, API_PATH, endpoint);
    const response = await ServerConnection.makeRequest(
      url,
      {},
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
