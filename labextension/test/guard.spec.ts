import type { ICollaborativeContentProvider } from '@jupyter/collaborative-drive';

import { SaveGuard } from '../src/saving/guard';
import {
  contentWith,
  FakeOwner,
  FakeProvider,
  FakeSource,
  KEPT,
  settle,
  trans
} from './support';

const PATH = 'work/a.ipynb';
const NOTEBOOK = { type: 'notebook', format: 'json' } as const;
const OFFLINE =
  'not saved: no connection to the server; your edits are in this tab only';

describe('SaveGuard', () => {
  let content: ICollaborativeContentProvider;
  let guard: SaveGuard;
  let owner: FakeOwner;
  let provider: FakeProvider;
  let source: FakeSource;
  let pending: {
    resolve: (model: object) => void;
    reject: (why: unknown) => void;
  }[];
  let requests: unknown[][];

  beforeEach(() => {
    jest.useFakeTimers();
    pending = [];
    requests = [];
    provider = new FakeProvider();
    owner = new FakeOwner();
    provider.wsProvider = owner;
    content = contentWith(
      {
        [`json:notebook:${PATH}`]: provider,
        'text:file:a.txt': new FakeProvider()
      },
      {
        save: (...request: unknown[]) => {
          requests.push(request);
          return new Promise((resolve, reject) =>
            pending.push({ resolve, reject })
          );
        }
      }
    );
    source = new FakeSource(() => KEPT);
    guard = new SaveGuard({ content, source, trans });
  });

  afterEach(() => {
    guard.dispose();
    jest.useRealTimers();
  });

  /** Save the notebook, and know the outcome as soon as there is one. */
  function save(): { outcome: unknown } {
    const result: { outcome: unknown } = { outcome: 'pending' };
    content.save(PATH, NOTEBOOK).then(
      model => (result.outcome = model),
      (error: unknown) => (result.outcome = error)
    );
    return result;
  }

  const notSaved = (message: string): unknown =>
    expect.objectContaining({ message });

  it('hands a save through while the connection is good', async () => {
    const result = save();
    await settle();
    expect(requests).toEqual([[PATH, NOTEBOOK]]);
    expect(result.outcome).toBe('pending');
    const model = { path: PATH };
    pending[0].resolve(model);
    await settle();
    expect(result.outcome).toBe(model);
    expect(source.paths).toEqual([]);
  });

  it.each([
    ['is closed', () => owner.connect(false)],
    ['is closing', () => (owner.socket.readyState = WebSocket.CLOSING)],
    ['is being opened', () => (owner.socket.readyState = WebSocket.CONNECTING)],
    ['was given up', () => (provider.wsProvider = null)],
    ['has just opened and is not in sync', () => (owner.synced = false)]
  ])('says that nothing was saved when the socket %s', async (_, happen) => {
    happen();
    const result = save();
    await settle();
    expect(result.outcome).toEqual(notSaved(OFFLINE));
    expect(requests).toEqual([]);
  });

  it('says so when the connection is lost before the reply', async () => {
    const result = save();
    await settle();
    owner.socket.close();
    await settle();
    expect(result.outcome).toEqual(
      notSaved(
        'not saved: the connection to the server was lost before it answered'
      )
    );
  });

  it('keeps a success although the connection is lost right after it', async () => {
    const result = save();
    await settle();
    owner.socket.deliver({ type: 'save', responseTo: 1, status: 'success' });
    owner.socket.close();
    await settle();
    expect(result.outcome).toBe('pending');
    pending[0].resolve({ path: PATH });
    await settle();
    expect(result.outcome).toEqual({ path: PATH });
  });

  it('does not wait for ever for the reply', async () => {
    const result = save();
    await jest.advanceTimersByTimeAsync(29_900);
    expect(result.outcome).toBe('pending');
    await jest.advanceTimersByTimeAsync(200);
    expect(result.outcome).toEqual(
      notSaved('not saved: the server has not answered for 30 seconds')
    );
  });

  it('gives the reason of the reply', async () => {
    const result = save();
    await settle();
    owner.socket.deliver({
      type: 'save',
      responseTo: 1,
      status: 'failed',
      reason: 'No space left on device'
    });
    pending[0].reject('Saving failed');
    await settle();
    expect(result.outcome).toEqual(
      notSaved('not saved: No space left on device')
    );
    expect(source.paths).toEqual([]);
  });

  it('asks for the reason when the reply has none', async () => {
    source.answer = () => ({ ...KEPT, export_error: 'Permission denied' });
    const result = save();
    await settle();
    owner.socket.deliver({ type: 'save', responseTo: 1, status: 'failed' });
    pending[0].reject('Saving failed');
    await settle();
    expect(result.outcome).toEqual(notSaved('not saved: Permission denied'));
    expect(source.paths).toEqual([PATH]);
  });

  it.each([
    ['there is none', () => KEPT],
    ['it cannot be asked for', () => Promise.reject(new Error('gone'))],
    ['the answer does not come', () => new Promise<never>(() => undefined)]
  ])('shows what the provider said when %s', async (_, answer) => {
    source.answer = answer;
    const result = save();
    await settle();
    pending[0].reject('Saving already in progress');
    await jest.advanceTimersByTimeAsync(5_000);
    expect(result.outcome).toEqual(
      notSaved('not saved: Saving already in progress')
    );
  });

  it('does not call a save failed that the server has confirmed', async () => {
    const result = save();
    await settle();
    owner.socket.deliver({ type: 'save', responseTo: 1, status: 'success' });
    const error = new Error('Could not read the new time of the file');
    pending[0].reject(error);
    await settle();
    expect(result.outcome).toBe(error);
  });

  it('has one save of a notebook under way at a time', async () => {
    const first = save();
    const second = save();
    await settle();
    expect(requests).toHaveLength(1);
    owner.socket.deliver({ type: 'save', status: 'failed', reason: 'first' });
    pending[0].reject('Saving failed');
    await settle();
    expect(first.outcome).toEqual(notSaved('not saved: first'));
    expect(requests).toHaveLength(2);
    expect(second.outcome).toBe('pending');
    pending[1].resolve({ path: PATH });
    await settle();
    expect(second.outcome).toEqual({ path: PATH });
  });

  it('still bounds the wait for a provider that shows no socket', async () => {
    Reflect.deleteProperty(provider, 'wsProvider');
    const result = save();
    await jest.advanceTimersByTimeAsync(30_000);
    expect(requests).toHaveLength(1);
    expect(result.outcome).toBeInstanceOf(Error);
  });

  it.each([
    ['a text document', 'a.txt', { type: 'file', format: 'text' }],
    ['a notebook seen as text', PATH, { type: 'file', format: 'text' }],
    ['a notebook without a room', 'b.ipynb', NOTEBOOK]
  ] as const)('lets %s pass', async (_, path, options) => {
    owner.connect(false);
    void content.save(path, options);
    await settle();
    expect(requests).toEqual([[path, options]]);
  });

  it('leaves nothing behind on the socket', async () => {
    const removed = jest.spyOn(owner.socket, 'removeEventListener');
    const added = jest.spyOn(owner.socket, 'addEventListener');
    save();
    await settle();
    pending[0].resolve({});
    await settle();
    const names = (spy: jest.SpyInstance): unknown[] =>
      spy.mock.calls.map(([name]: unknown[]) => name).sort();
    expect(names(added)).toEqual(['close', 'message']);
    expect(names(removed)).toEqual(names(added));
    expect(jest.getTimerCount()).toBe(0);
  });

  it('puts the original back', async () => {
    guard.dispose();
    owner.connect(false);
    const result = save();
    await settle();
    pending[0].resolve({ path: PATH });
    await settle();
    expect(result.outcome).toEqual({ path: PATH });
    expect(Object.keys(content)).toEqual(['providers']);
    expect(guard.isDisposed).toBe(true);
  });
});
