import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

/**
 * The error of a save that could not be asked for.
 */
export function offlineError(trans: TranslationBundle): Error {
  return new Error(
    trans.__(
      'not saved: no connection to the server; your edits are in this tab only'
    )
  );
}

/**
 * Whether a request failed because the server was not reached.
 */
export function isOffline(error: unknown): boolean {
  return error instanceof ServerConnection.NetworkError;
}

/**
 * Whether a request reached the server and was refused.
 */
export function isRefused(error: unknown): boolean {
  return error instanceof ServerConnection.ResponseError;
}
