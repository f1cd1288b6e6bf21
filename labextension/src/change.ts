import type { Event } from '@jupyterlab/services';

const SCHEMA = 'https://schema.jupyter.org/jupyter_crdt_autosave/file/v1';

const KINDS = ['ingested', 'merged', 'conflict', 'unreadable'] as const;

/**
 * What can become of a change.
 */
export type ChangeKind = (typeof KINDS)[number];

/**
 * What became of a change to a file.
 */
export interface IChange {
  readonly cells: readonly string[];
  readonly kind: ChangeKind;
  readonly path: string;
  readonly reason: string | null;
}

/**
 * What an event says about a file, or `null` for any other event.
 */
export function changeOf(emission: Event.Emission): IChange | null {
  const { cells, event: kind, path, reason } = emission;
  if (
    emission.schema_id !== SCHEMA ||
    typeof path !== 'string' ||
    !isKind(kind)
  ) {
    return null;
  }
  return {
    cells: isTexts(cells) ? cells : [],
    kind,
    path,
    reason: typeof reason === 'string' ? reason : null
  };
}

function isKind(value: unknown): value is ChangeKind {
  return KINDS.some(kind => kind === value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string');
}
