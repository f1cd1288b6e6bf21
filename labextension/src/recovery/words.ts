import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ICellChange, ICellCounts, IOffer } from '../tokens';

/**
 * The words for an offer.
 */
export interface IOfferText {
  /**
   * What it is.
   */
  readonly lead: string;

  /**
   * How much it is.
   */
  readonly summary: string;

  /**
   * From when it is.
   */
  readonly times: readonly INamedTime[];

  /**
   * What each answer does.
   */
  readonly restore: string;
  readonly discard: string;
  readonly later: string;
}

/**
 * A time with a name, in words and exactly.
 */
export interface INamedTime {
  readonly name: string;
  readonly at: string;
  readonly relative: string;
  readonly exact: string;
}

/**
 * The words for what became of a cell.
 */
export interface IChangeText {
  readonly title: string;

  /**
   * What its text does not show.
   */
  readonly notes: readonly string[];
}

/**
 * Put an offer into words.
 */
export function describeOffer(
  offer: IOffer,
  trans: TranslationBundle
): IOfferText {
  return offer.source === 'document'
    ? describeDocument(offer, trans)
    : describeCheckpoint(offer, trans);
}

function describeDocument(offer: IOffer, trans: TranslationBundle): IOfferText {
  const counts = describeCounts(offer.cells, trans);
  const saved = offer.file_modified;
  return {
    lead: trans.__(
      'This notebook shows work that was recovered. Its file lacks it.'
    ),
    summary:
      saved === null
        ? trans.__('%1 since the file was saved.', counts)
        : trans.__(
            '%1 since the file was saved %2.',
            counts,
            Time.formatHuman(saved)
          ),
    times: times(offer, trans.__('Last edit'), trans),
    restore: trans.__('keeps this work and saves the notebook.'),
    discard: trans.__(
      'takes this work out of the notebook, but nothing that is typed from now on. A version keeps it.'
    ),
    later: trans.__(
      'changes nothing. Every edit is kept, and the file stays as it is until you answer or save.'
    )
  };
}

function describeCheckpoint(
  offer: IOffer,
  trans: TranslationBundle
): IOfferText {
  const counts = describeCounts(offer.cells, trans);
  const saved = offer.file_modified;
  return {
    lead: trans.__(
      'An autosave file holds work that this notebook lacks. The notebook shows its own file.'
    ),
    summary:
      saved === null
        ? trans.__('%1 in the autosave file.', counts)
        : trans.__(
            '%1 in the autosave file, compared with the file saved %2.',
            counts,
            Time.formatHuman(saved)
          ),
    times: times(offer, trans.__('Autosave file written'), trans),
    restore: trans.__(
      'merges the autosave file into the notebook and saves the notebook.'
    ),
    discard: trans.__(
      'leaves the notebook as it is. A version keeps what is in the autosave file.'
    ),
    later: trans.__(
      'changes nothing. Every edit is kept, and autosave leaves the file alone until you answer.'
    )
  };
}

/**
 * Say how many cells differ, for the beginning of a sentence.
 */
function describeCounts(
  { added, changed, removed }: ICellCounts,
  trans: TranslationBundle
): string {
  const parts = [
    changed && trans._n('%1 cell changed', '%1 cells changed', changed),
    added && trans._n('%1 cell added', '%1 cells added', added),
    removed && trans._n('%1 cell removed', '%1 cells removed', removed)
  ].filter(part => typeof part === 'string');
  const last = parts.pop() ?? '';
  return parts.length === 0
    ? last
    : trans.__('%1 and %2', parts.join(trans.__(', ')), last);
}

function times(
  { file_modified, recovered_at }: IOffer,
  recovered: string,
  trans: TranslationBundle
): INamedTime[] {
  const named: [string, string | null][] = [
    [recovered, recovered_at],
    [trans.__('File saved'), file_modified]
  ];
  return named.flatMap(([name, at]) =>
    at === null
      ? []
      : [{ name, at, relative: Time.formatHuman(at), exact: Time.format(at) }]
  );
}

/**
 * Put into words what became of a cell.
 */
export function describeChange(
  change: ICellChange,
  trans: TranslationBundle
): IChangeText {
  const { after, before } = change;
  const type = typeName((after ?? before)?.cell_type ?? '', trans);
  if (before === null) {
    return { title: trans.__('%1 cell, added', type), notes: [] };
  }
  if (after === null) {
    return { title: trans.__('%1 cell, removed', type), notes: [] };
  }
  return change.kind === 'moved'
    ? {
        title: trans.__('%1 cell, moved', type),
        notes: [trans.__('The same cell in another place.')]
      }
    : {
        title: trans.__('%1 cell, changed', type),
        notes: [...unseen(before, after, trans)]
      };
}

/**
 * What differs beside the text of a cell.
 */
function* unseen(
  before: NonNullable<ICellChange['before']>,
  after: NonNullable<ICellChange['after']>,
  trans: TranslationBundle
): Iterable<string> {
  const isRetyped = before.cell_type !== after.cell_type;
  const isRerun =
    JSON.stringify(before.outputs) !== JSON.stringify(after.outputs);
  const isEdited = before.source !== after.source;
  if (isRetyped) {
    yield trans.__(
      'It was a cell of another type before: %1.',
      typeName(before.cell_type, trans)
    );
  } else if (isRerun) {
    yield isEdited
      ? trans.__('Its outputs are others, too.')
      : trans.__('Only its outputs are others.');
  } else if (!isEdited) {
    yield trans.__('Only its metadata or the number of its run is another.');
  }
}

function typeName(type: string, trans: TranslationBundle): string {
  switch (type) {
    case 'code':
      return trans.__('Code');
    case 'markdown':
      return trans.__('Markdown');
    case 'raw':
      return trans.__('Raw');
    default:
      return type;
  }
}
