import { ServerConnection } from '@jupyterlab/services';

import { ApiError } from '../src/api';
import { StatusModel } from '../src/status/model';
import type { IAutosaveStatus } from '../src/tokens';
import { FakeLink, FakeSource, KEPT, NOT_KEPT } from './support';

const notOpen = (): never => {
  throw new ApiError(404, 'not_open', 'No room is open');
};
const gone = (): never => {
  throw new ServerConnection.NetworkError(new TypeError('gone'));
};

describe('StatusModel', () => {
  let link: FakeLink;
  let model: StatusModel;
  let source: FakeSource;

  beforeEach(() => {
    jest.useFakeTimers();
    link = new FakeLink();
    source = new FakeSource(() => KEPT);
    model = new StatusModel({ source, link });
  });

  afterEach(() => {
    model.dispose();
    jest.useRealTimers();
  });

  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  /** The seconds after now at which the model asks within a minute. */
  async function secondsOfQuestions(): Promise<number[]> {
    const start = Date.now();
    await pass(60_000);
    return source.times.map(time => Math.round((time - start) / 1_000));
  }

  it('asks nothing before it has a path', async () => {
    await pass(120_000);
    expect(source.paths).toEqual([]);
    expect(model.standing).toEqual({ kind: 'hidden' });
  });

  it('asks at once, then every 30 seconds', async () => {
    model.path = 'a.ipynb';
    expect(await secondsOfQuestions()).toEqual([0, 30, 60]);
    expect(new Set(source.paths)).toEqual(new Set(['a.ipynb']));
    expect(model.standing).toEqual({ kind: 'kept', status: KEPT });
  });

  it('tells whoever shows it that something changed', async () => {
    const kinds: string[] = [];
    model.stateChanged.connect(({ standing }) => kinds.push(standing.kind));
    model.path = 'a.ipynb';
    await pass(0);
    source.answer = () => NOT_KEPT;
    model.refresh();
    await pass(0);
    expect(kinds).toEqual(['hidden', 'kept', 'not-kept']);
  });

  it('backs off quietly while the room is not open, and starts over', async () => {
    source.answer = notOpen;
    model.path = 'a.ipynb';
    expect(await secondsOfQuestions()).toEqual([0, 1, 3, 7, 15, 31]);
    expect(model.standing).toEqual({ kind: 'hidden' });
    model.path = 'b.ipynb';
    source.paths.length = 0;
    await pass(1_000);
    expect(source.paths).toEqual(['b.ipynb', 'b.ipynb']);
  });

  it('shows a lost server at once and notices soon when it is back', async () => {
    model.path = 'a.ipynb';
    await pass(0);
    source.answer = gone;
    model.refresh();
    await pass(0);
    expect(model.standing).toEqual({ kind: 'unreachable' });
    await pass(60_000);
    source.answer = () => KEPT;
    await pass(8_000);
    expect(model.standing.kind).toBe('kept');
  });

  it('forgets the last notebook at once when there is another', async () => {
    model.path = 'a.ipynb';
    await pass(0);
    model.path = 'b.ipynb';
    expect(model.standing).toEqual({ kind: 'hidden' });
  });

  it('drops an answer about a notebook that is no longer current', async () => {
    let answerForA: (status: IAutosaveStatus) => void = () => undefined;
    source.answer = () => new Promise(resolve => (answerForA = resolve));
    model.path = 'a.ipynb';
    await pass(0);
    source.answer = notOpen;
    model.path = 'b.ipynb';
    answerForA(NOT_KEPT);
    await pass(0);
    expect(model.standing).toEqual({ kind: 'hidden' });
    expect(source.paths).toEqual(['a.ipynb', 'b.ipynb']);
  });

  it('asks anew although an answer is under way', async () => {
    let answer: (status: IAutosaveStatus) => void = () => undefined;
    source.answer = () => new Promise(resolve => (answer = resolve));
    model.path = 'a.ipynb';
    await pass(0);
    const stale = answer;
    model.refresh();
    await pass(0);
    expect(source.paths).toHaveLength(2);
    answer(NOT_KEPT);
    await pass(0);
    stale(KEPT);
    await pass(0);
    expect(model.standing.kind).toBe('not-kept');
  });

  it('does not wait for ever for an answer', async () => {
    source.answer = () => new Promise(() => undefined);
    model.path = 'a.ipynb';
    await pass(9_000);
    expect(model.standing.kind).toBe('hidden');
    await pass(1_500);
    expect(model.standing).toEqual({ kind: 'unreachable' });
  });

  it('believes the socket rather than a server that can be asked', async () => {
    model.path = 'a.ipynb';
    await pass(0);
    link.down = true;
    link.changed.emit();
    await pass(0);
    expect(model.standing).toEqual({ kind: 'unreachable' });
    link.down = false;
    link.changed.emit();
    await pass(0);
    expect(model.standing.kind).toBe('kept');
  });

  it('rests while no notebook is current', async () => {
    model.path = 'a.ipynb';
    await pass(0);
    model.path = null;
    expect(model.standing).toEqual({ kind: 'hidden' });
    model.refresh();
    link.changed.emit();
    await pass(120_000);
    expect(source.paths).toEqual(['a.ipynb']);
  });

  it('asks less while the tab is hidden', async () => {
    model.path = 'a.ipynb';
    await pass(0);
    const hidden = jest
      .spyOn(document, 'visibilityState', 'get')
      .mockReturnValue('hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    await pass(600_000);
    hidden.mockRestore();
    document.dispatchEvent(new Event('visibilitychange'));
    // The poll lingers for one turn before it rests.
    expect(source.paths).toHaveLength(2);
  });

  it('is silent once it is disposed', async () => {
    let answer: (status: IAutosaveStatus) => void = () => undefined;
    source.answer = () => new Promise(resolve => (answer = resolve));
    model.path = 'a.ipynb';
    await pass(0);
    const changed = jest.fn();
    model.stateChanged.connect(changed);
    model.dispose();
    model.dispose();
    answer(KEPT);
    model.path = 'b.ipynb';
    link.changed.emit();
    await pass(120_000);
    expect(model.isDisposed).toBe(true);
    expect(changed).not.toHaveBeenCalled();
    expect(source.paths).toEqual(['a.ipynb']);
  });
});
