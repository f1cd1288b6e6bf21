import { Time } from '@jupyterlab/coreutils';

import { judge } from '../src/status/standing';
import { describe as put } from '../src/status/text';
import { DEFERRED, KEPT, NOT_KEPT, trans } from './support';

const AUTOSAVED = '2026-03-01T09:15:30.250000Z';
const SAVED = '2026-03-01T09:10:02Z';
const LATER = '2026-03-01T12:00:00Z';

describe('the words of a standing', () => {
  it('says nothing when there is nothing to say', () => {
    expect(put({ kind: 'hidden' }, trans)).toBeNull();
  });

  it('says that edits are kept before the file has them', () => {
    const text = put(judge({ ...KEPT, unsaved: true }), trans);
    expect(text?.label).toBe('Edits kept');
    expect(text?.details).toContain('not in the file yet');
    expect(text?.details).toContain(Time.format(AUTOSAVED));
  });

  it('says as of when the file is up to date', () => {
    const text = put(judge({ ...KEPT, unsaved: false }), trans);
    expect(text?.label).toBe('Edits kept');
    expect(text?.details).toContain('up to date');
    expect(text?.details).toContain(Time.format(AUTOSAVED));
  });

  it('takes the newer of save and autosave', () => {
    const text = put(judge({ ...KEPT, last_save: LATER }), trans);
    expect(text?.details).toContain(Time.format(LATER));
  });

  it('does not take a checkpoint for the file', () => {
    const last_autosave = { at: LATER, target: 'checkpoint' };
    const text = put(judge({ ...KEPT, last_autosave }), trans);
    expect(text?.details).toContain(Time.format(SAVED));
    expect(text?.details).not.toContain(Time.format(LATER));
  });

  it.each([true, false])('names no time if there is none (%s)', unsaved => {
    const status = { ...KEPT, unsaved, last_autosave: null, last_save: null };
    expect(put(judge(status), trans)?.details).not.toMatch(/\d|%|null/);
  });

  it.each([
    [0.99, null],
    [1.5, 'For 1 second the disk has not confirmed the newest edits.'],
    [12, 'For 12 seconds the disk has not confirmed the newest edits.']
  ])('tells of a slow disk (%s s)', (lag, line) => {
    const status = { ...KEPT, journal: { ...KEPT.journal, lag } };
    const lines = put(judge(status), trans)?.details.split('\n');
    expect(lines?.[1] ?? null).toBe(line);
  });

  it('says since when the file waits for the kernel', () => {
    const text = put(judge(DEFERRED), trans);
    const since = Time.format(DEFERRED.deferred ?? '');
    expect(text?.label).toBe(`Edits kept, autosave deferred since ${since}`);
    expect(text?.details).toContain('while a cell runs');
  });

  it('says that a checkpoint was written while the file waits', () => {
    const last_autosave = { at: LATER, target: 'checkpoint' };
    const text = put(judge({ ...DEFERRED, last_autosave }), trans);
    expect(text?.label).toBe(
      'Edits kept, checkpoint written while a cell runs'
    );
  });

  it('says why the file cannot be written', () => {
    const text = put(judge({ ...KEPT, export_error: 'Read-only' }), trans);
    expect(text?.label).toBe('Kept, but the file cannot be written: Read-only');
  });

  it('says why edits are not kept', () => {
    const text = put(judge(NOT_KEPT), trans);
    expect(text?.label).toBe('Edits NOT kept: No space left on device');
    expect(text?.details).toContain('Do not close this tab');
  });

  it('says so when no reason is known', () => {
    const text = put({ kind: 'not-kept', error: null }, trans);
    expect(text?.label).toBe('Edits NOT kept: the server gives no reason');
  });

  it('says where the edits are while there is no connection', () => {
    const text = put({ kind: 'unreachable' }, trans);
    expect(text?.label).toBe('Edits NOT kept: no connection to the server');
    expect(text?.details).toContain('in this tab only');
  });
});
