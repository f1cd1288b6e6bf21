import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IAutosaveStatus } from '../tokens';
import type { Standing } from './standing';

/**
 * The words for a standing.
 */
export interface IStatusText {
  /**
   * What the status bar shows.
   */
  readonly label: string;

  /**
   * What the tooltip adds.
   */
  readonly details: string;
}

/**
 * Put a standing into words.
 *
 * @returns `null` when there is nothing to say.
 */
export function describe(
  standing: Standing,
  trans: TranslationBundle
): IStatusText | null {
  switch (standing.kind) {
    case 'hidden':
      return null;
    case 'kept':
      return {
        label: keptLabel(standing.status, trans),
        details: [
          keptDetails(standing.status, trans),
          ...lagDetails(standing.status, trans)
        ].join('\n')
      };
    case 'offer':
      return {
        label: trans.__('Edits kept, recovered work waits for your answer'),
        details: trans.__(
          'This notebook has work that its file lacks. The file is left alone until you restore or discard it, or save. Click to see it.'
        )
      };
    case 'export-error':
      return {
        label: trans.__(
          'Kept, but the file cannot be written: %1',
          standing.error
        ),
        details: trans.__(
          'The server keeps every edit of this notebook and tries again to write the file.'
        )
      };
    case 'not-kept':
      return {
        label: trans.__(
          'Edits NOT kept: %1',
          standing.error ?? trans.__('the server gives no reason')
        ),
        details: trans.__(
          'The server does not keep the edits of this notebook at the moment. Do not close this tab.'
        )
      };
    case 'unreachable':
      return {
        label: trans.__('Edits NOT kept: no connection to the server'),
        details: trans.__(
          'The newest edits of this notebook are in this tab only. Do not close it.'
        )
      };
  }
}

function keptLabel(
  { deferred, last_autosave }: IAutosaveStatus,
  trans: TranslationBundle
): string {
  if (deferred === null) {
    return trans.__('Edits kept');
  }
  return last_autosave?.target === 'checkpoint'
    ? trans.__('Edits kept, checkpoint written while a cell runs')
    : trans.__('Edits kept, autosave deferred since %1', Time.format(deferred));
}

function keptDetails(
  status: IAutosaveStatus,
  trans: TranslationBundle
): string {
  const written = lastWritten(status);
  if (status.deferred !== null) {
    return trans.__(
      'The server keeps every edit. The file is left alone while a cell runs and is written when it is done; click to write it now.'
    );
  }
  if (status.unsaved) {
    return written === null
      ? trans.__(
          'The server keeps every edit. The newest ones are not in the file yet.'
        )
      : trans.__(
          'The server keeps every edit. The newest ones are not in the file yet; it was last written at %1.',
          Time.format(written)
        );
  }
  return written === null
    ? trans.__('The server keeps every edit. The file is up to date.')
    : trans.__(
        'The server keeps every edit. The file is up to date as of %1.',
        Time.format(written)
      );
}

/**
 * An edit is kept from the moment it is written down, which outlives the server;
 * that it outlives the machine too takes the disk a moment, at times a long one.
 */
function lagDetails(
  { journal }: IAutosaveStatus,
  trans: TranslationBundle
): string[] {
  const seconds = Math.floor(journal.lag);
  return seconds < 1
    ? []
    : [
        trans._n(
          'For %1 second the disk has not confirmed the newest edits.',
          'For %1 seconds the disk has not confirmed the newest edits.',
          seconds
        )
      ];
}

/**
 * When the file itself was last written; an autosave may have gone elsewhere.
 */
function lastWritten(status: IAutosaveStatus): string | null {
  const autosave = status.last_autosave;
  const times = [
    status.last_save,
    autosave?.target === 'notebook' ? autosave.at : null
  ].filter(time => time !== null);
  times.sort((a, b) => Date.parse(b) - Date.parse(a));
  return times[0] ?? null;
}
