import { ServerConnection } from '@jupyterlab/services';

import { ApiError } from '../api';
import type { IAutosaveStatus } from '../tokens';

/**
 * What there is to say about the current notebook.
 *
 * - `hidden`: nothing, because there is no notebook or its room is not open yet
 * - `kept`: every edit is kept
 * - `offer`: every edit is kept, and recovered work waits for an answer
 * - `export-error`: every edit is kept, but the file cannot be written
 * - `not-kept`: the server answered, and it does not keep the edits
 * - `unreachable`: no connection, so the edits are in this tab only
 */
export type Standing =
  | { readonly kind: 'hidden' }
  | { readonly kind: 'kept'; readonly status: IAutosaveStatus }
  | { readonly kind: 'offer'; readonly status: IAutosaveStatus }
  | {
      readonly kind: 'export-error';
      readonly status: IAutosaveStatus;
      readonly error: string;
    }
  | { readonly kind: 'not-kept'; readonly error: string | null }
  | { readonly kind: 'unreachable' };

/**
 * The time between two questions while all is well; events come in between.
 */
export const CALM_DELAY = 30_000;

const FIRST_DELAY = 1_000;
const URGENT_DELAY = 8_000;

/**
 * Judge an answer of the server.
 */
export function judge(status: IAutosaveStatus): Standing {
  if (!status.journal.healthy) {
    return { kind: 'not-kept', error: status.journal.error };
  }
  if (status.export_error !== null) {
    return { kind: 'export-error', status, error: status.export_error };
  }
  return { kind: status.offer === null ? 'kept' : 'offer', status };
}

/**
 * Judge why there was no answer.
 *
 * #### Notes
 * Whatever is not understood counts as not kept: a wrong alarm costs a look, a
 * missing one costs the work.
 */
export function judgeFailure(error: unknown): Standing {
  if (error instanceof ApiError && error.reason === 'not_open') {
    return { kind: 'hidden' };
  }
  if (error instanceof ServerConnection.NetworkError) {
    return { kind: 'unreachable' };
  }
  return {
    kind: 'not-kept',
    error: error instanceof Error && error.message ? error.message : null
  };
}

/**
 * How long to wait before asking again.
 *
 * @param standing - the outcome of the last question.
 * @param repeats - how many questions in a row had an outcome of that kind before it.
 */
export function delayAfter(standing: Standing, repeats: number): number {
  const backedOff = FIRST_DELAY * 2 ** Math.min(repeats, 10);
  switch (standing.kind) {
    case 'kept':
    case 'offer':
    case 'export-error':
      return CALM_DELAY;
    case 'hidden':
      return Math.min(backedOff, CALM_DELAY);
    case 'not-kept':
    case 'unreachable':
      return Math.min(backedOff, URGENT_DELAY);
  }
}
