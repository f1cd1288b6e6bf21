import { ServerConnection } from '@jupyterlab/services';

import { ApiError, PayloadError } from '../src/api';
import type { Standing } from '../src/status/standing';
import { delayAfter, judge, judgeFailure } from '../src/status/standing';
import { KEPT, NOT_KEPT } from './support';

describe('judge', () => {
  it('is calm when the journal is healthy', () => {
    expect(judge(KEPT)).toEqual({ kind: 'kept', status: KEPT });
  });

  it('warns when only the file cannot be written', () => {
    const status = { ...KEPT, export_error: 'Permission denied' };
    expect(judge(status)).toEqual({
      kind: 'export-error',
      status,
      error: 'Permission denied'
    });
  });

  it('lets a sick journal outweigh a file that cannot be written', () => {
    expect(NOT_KEPT.export_error).not.toBeNull();
    expect(judge(NOT_KEPT)).toEqual({
      kind: 'not-kept',
      error: 'No space left on device'
    });
  });
});

describe('judgeFailure', () => {
  it('is quiet while the room is not open', () => {
    const error = new ApiError(404, 'not_open', 'No room is open');
    expect(judgeFailure(error)).toEqual({ kind: 'hidden' });
  });

  it('raises the alarm when the server is not there', () => {
    const error = new ServerConnection.NetworkError(new TypeError('gone'));
    expect(judgeFailure(error)).toEqual({ kind: 'unreachable' });
  });

  it.each([
    [new ApiError(404, '', 'Not Found'), 'Not Found'],
    [new ApiError(403, 'forbidden', 'Forbidden'), 'Forbidden'],
    [new PayloadError('status/a'), 'Unusable answer of status/a'],
    [new Error(''), null],
    ['odd', null]
  ])('does not take %s for a good sign', (error, reason) => {
    expect(judgeFailure(error)).toEqual({ kind: 'not-kept', error: reason });
  });
});

describe('delayAfter', () => {
  const delays = (standing: Standing): number[] =>
    [0, 1, 2, 3, 4, 5, 1000].map(repeats => delayAfter(standing, repeats));

  it('is slow while all is well', () => {
    expect(new Set(delays(judge(KEPT)))).toEqual(new Set([30_000]));
  });

  it('backs off while the room is not open', () => {
    expect(delays({ kind: 'hidden' })).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000
    ]);
  });

  it('stays close to an alarm, so that it ends soon after its cause', () => {
    expect(delays({ kind: 'unreachable' })).toEqual([
      1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000
    ]);
    expect(delayAfter(judge(NOT_KEPT), 1000)).toBe(8_000);
  });
});
