import { NotebookLink, socketOwner } from '../src/link';
import { contentWith, FakeOwner, FakeProvider } from './support';

const PATH = 'work/a.ipynb';

describe('NotebookLink', () => {
  function build(): {
    link: NotebookLink;
    provider: FakeProvider;
    owner: FakeOwner;
  } {
    const provider = new FakeProvider();
    const owner = new FakeOwner();
    provider.wsProvider = owner;
    const content = contentWith({
      [`json:notebook:${PATH}`]: provider,
      'text:file:b.ipynb': new FakeProvider()
    });
    return { link: new NotebookLink(content), provider, owner };
  }

  it('does not take a first connection under way for a loss', () => {
    const { link, owner } = build();
    owner.connect(false);
    expect(link.isDown(PATH)).toBe(false);
  });

  it('notices a loss and the return', () => {
    const { link, owner } = build();
    const changed = jest.fn();
    link.changed.connect(changed);
    expect(link.isDown(PATH)).toBe(false);
    owner.connect(false);
    expect(changed).toHaveBeenCalledTimes(1);
    expect(link.isDown(PATH)).toBe(true);
    owner.connect(true);
    expect(changed).toHaveBeenCalledTimes(2);
    expect(link.isDown(PATH)).toBe(false);
  });

  it('takes a connection that was given up for a loss', () => {
    const { link, provider } = build();
    expect(link.isDown(PATH)).toBe(false);
    provider.wsProvider = null;
    expect(link.isDown(PATH)).toBe(true);
  });

  it('watches the new owner after a reconnection, and only that', () => {
    const { link, provider, owner } = build();
    link.isDown(PATH);
    provider.wsProvider = new FakeOwner();
    link.isDown(PATH);
    expect(owner.callbacks.size).toBe(0);
    expect(provider.wsProvider.callbacks.size).toBe(1);
  });

  it('watches an owner once', () => {
    const { link, owner } = build();
    const changed = jest.fn();
    link.changed.connect(changed);
    link.isDown(PATH);
    link.isDown(PATH);
    owner.connect(false);
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('knows nothing of documents that are not collaborative notebooks', () => {
    const { link } = build();
    expect(link.isDown('b.ipynb')).toBe(false);
    expect(new NotebookLink(null).isDown(PATH)).toBe(false);
  });

  it('lets go when it is disposed', () => {
    const { link, owner } = build();
    const changed = jest.fn();
    link.changed.connect(changed);
    link.isDown(PATH);
    link.dispose();
    link.dispose();
    owner.connect(false);
    expect(owner.callbacks.size).toBe(0);
    expect(changed).not.toHaveBeenCalled();
    expect(link.isDisposed).toBe(true);
  });
});

describe('socketOwner', () => {
  const provider = (extra: object): FakeProvider =>
    Object.assign(Object.create(null) as FakeProvider, extra);

  it('tells a provider without a socket from one that has none yet', () => {
    const owner = new FakeOwner();
    expect(socketOwner(provider({ wsProvider: owner }))).toBe(owner);
    expect(socketOwner(provider({ wsProvider: null }))).toBeNull();
    expect(socketOwner(provider({}))).toBeUndefined();
    expect(socketOwner(provider({ wsProvider: { ws: null } }))).toBeUndefined();
    expect(socketOwner(provider({ wsProvider: 7 }))).toBeUndefined();
  });
});
