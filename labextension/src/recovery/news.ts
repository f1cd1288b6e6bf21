import type { Event } from '@jupyterlab/services';

const SCHEMA = 'https://schema.jupyter.org/jupyter_crdt_autosave/recovery/v1';

/**
 * What waits for an answer from now on.
 */
export interface INews {
  readonly path: string;

  /**
   * The id of what is offered; `null` if nothing is.
   */
  readonly id: string | null;
}

/**
 * What an event says about recovered work, or `null` for any other event.
 */
export function newsOf(emission: Event.Emission): INews | null {
  const { id, path } = emission;
  if (emission.schema_id !== SCHEMA || typeof path !== 'string') {
    return null;
  }
  return id === null || typeof id === 'string' ? { id, path } : null;
}
