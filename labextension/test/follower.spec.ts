import { StatusFollower } from '../src/status/follower';
import { StatusModel } from '../src/status/model';
import { FakeLab, FakePanel } from './lab';
import { FakeLink, FakeSource, KEPT } from './support';

const SCHEMA = 'https://schema.jupyter.org/jupyter_crdt_autosave/autosave/v1';

describe('StatusFollower', () => {
  let follower: StatusFollower;
  let lab: FakeLab;
  let model: StatusModel;
  let source: FakeSource;

  beforeEach(() => {
    jest.useFakeTimers();
    lab = new FakeLab();
    source = new FakeSource(() => KEPT);
    model = new StatusModel({ source, link: new FakeLink() });
    const { services, shell, tracker } = lab;
    follower = new StatusFollower({ model, services, shell, tracker });
  });

  afterEach(() => {
    follower.dispose();
    model.dispose();
    jest.useRealTimers();
  });

  /** How often the server is asked because of what happens, in two seconds. */
  async function questionsAfter(happen: () => unknown): Promise<number> {
    await jest.advanceTimersByTimeAsync(1_000);
    const before = source.paths.length;
    happen();
    await jest.advanceTimersByTimeAsync(2_000);
    return source.paths.length - before;
  }

  it('follows the current notebook and its name', () => {
    const panel = new FakePanel('a.ipynb');
    lab.activate(panel);
    expect(model.path).toBe('a.ipynb');
    panel.rename('b.ipynb');
    expect(model.path).toBe('b.ipynb');
    lab.activate(new FakePanel('c.ipynb'));
    panel.rename('d.ipynb');
    expect(model.path).toBe('c.ipynb');
  });

  it('finds the notebook that is current already', () => {
    lab.activate(new FakePanel('a.ipynb'));
    follower.dispose();
    expect(model.path).toBeNull();
    const { services, shell, tracker } = lab;
    follower = new StatusFollower({ model, services, shell, tracker });
    expect(model.path).toBe('a.ipynb');
  });

  it('rests while something else is current', () => {
    const panel = new FakePanel('a.ipynb');
    lab.activate(panel);
    lab.activate({});
    expect(model.path).toBeNull();
    lab.activate(panel);
    expect(model.path).toBe('a.ipynb');
    lab.activate(null);
    expect(model.path).toBeNull();
  });

  it('does not follow notebooks of other drives', () => {
    lab.activate(new FakePanel('S3:a.ipynb'));
    expect(model.path).toBeNull();
  });

  it('asks again upon an event about the notebook', async () => {
    lab.activate(new FakePanel('work/a.ipynb'));
    const event = { schema_id: SCHEMA, path: 'work/a.ipynb' };
    expect(await questionsAfter(() => lab.send(event))).toBe(1);
  });

  it('asks but once upon a flood of events', async () => {
    lab.activate(new FakePanel('a.ipynb'));
    const event = { schema_id: SCHEMA, path: 'a.ipynb' };
    const flood = (): void => {
      for (let i = 0; i < 100; i++) {
        lab.send(event);
      }
    };
    expect(await questionsAfter(flood)).toBe(1);
  });

  it.each([
    ['other notebooks', { schema_id: SCHEMA, path: 'b.ipynb' }],
    ['nothing in particular', { schema_id: SCHEMA }],
    [
      'somebody else',
      {
        schema_id:
          'https://schema.jupyter.org/jupyter_collaboration/session/v1',
        path: 'a.ipynb'
      }
    ]
  ])('asks nothing upon events about %s', async (_, event) => {
    lab.activate(new FakePanel('a.ipynb'));
    expect(await questionsAfter(() => lab.send(event))).toBe(0);
  });

  it.each([
    ['the server seems lost', () => lab.connectionFailure.emit(new Error())],
    ['the network is back', () => window.dispatchEvent(new Event('online'))],
    [
      'the window is used again',
      () => window.dispatchEvent(new Event('focus'))
    ],
    [
      'the tab is shown again',
      () => document.dispatchEvent(new Event('visibilitychange'))
    ],
    [
      'the tab is shown and used again',
      () => {
        document.dispatchEvent(new Event('visibilitychange'));
        window.dispatchEvent(new Event('focus'));
      }
    ]
  ])('asks again when %s', async (_, happen) => {
    lab.activate(new FakePanel('a.ipynb'));
    expect(await questionsAfter(happen)).toBe(1);
  });

  it('asks at once when the window is used again', async () => {
    lab.activate(new FakePanel('a.ipynb'));
    await jest.advanceTimersByTimeAsync(1_000);
    const before = source.paths.length;
    window.dispatchEvent(new Event('focus'));
    await jest.advanceTimersByTimeAsync(50);
    expect(source.paths.slice(before)).toEqual(['a.ipynb']);
  });

  it('asks nothing for a window that is hidden', async () => {
    lab.activate(new FakePanel('a.ipynb'));
    const hidden = jest.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    const focus = (): boolean => window.dispatchEvent(new Event('focus'));
    expect(await questionsAfter(focus)).toBe(0);
    hidden.mockRestore();
  });

  it('lets go when it is disposed', async () => {
    const panel = new FakePanel('a.ipynb');
    lab.activate(panel);
    follower.dispose();
    follower.dispose();
    expect(follower.isDisposed).toBe(true);
    model.path = 'a.ipynb';
    const everything = (): void => {
      panel.rename('b.ipynb');
      lab.activate(new FakePanel('c.ipynb'));
      lab.send({ schema_id: SCHEMA, path: 'a.ipynb' });
      lab.connectionFailure.emit(new Error());
      window.dispatchEvent(new Event('focus'));
      window.dispatchEvent(new Event('online'));
      document.dispatchEvent(new Event('visibilitychange'));
    };
    expect(await questionsAfter(everything)).toBe(0);
    expect(model.path).toBe('a.ipynb');
  });
});
