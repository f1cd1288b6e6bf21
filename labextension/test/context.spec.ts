/**
 * The guards under the real context and the real content provider of
 * collaborative documents: only the server and the socket are stand-ins.
 */
import { RtcContentProvider } from '@jupyter/docprovider';
import { YNotebook } from '@jupyter/ydoc';
import { Dialog } from '@jupyterlab/apputils';
import { Context } from '@jupyterlab/docregistry';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { NotebookModelFactory } from '@jupyterlab/notebook';
import type { ServiceManager } from '@jupyterlab/services';
import { ContentsManager, Drive } from '@jupyterlab/services';
import {
  FakeUserManager,
  KernelSpecManagerMock,
  SessionManagerMock
} from '@jupyterlab/services/lib/testutils';

import { AutosaveApi } from '../src/api';
import { SaveGuard } from '../src/saving/guard';
import { HashGuard } from '../src/saving/hash';
import { FakeProvider, FakeServer, json, KEPT, trans } from './support';

const PATH = 'work/a.ipynb';
const CHANGED = 'has changed on disk since the last time it was opened';
const START = Date.parse('2026-03-01T09:00:00Z');

/**
 * A live notebook on the server, opened in a tab.
 */
class Bench {
  constructor() {
    const drive = new Drive({ serverSettings: this.server.settings });
    this.contents = new ContentsManager({ defaultDrive: drive });
    this.content = new RtcContentProvider({
      currentDrive: drive,
      fileChanged: drive.fileChanged,
      globalAwareness: null,
      providerFactory: { create: () => this.provider as never },
      serverSettings: this.server.settings,
      trans,
      user: new FakeUserManager({}, { username: 'a' } as never, {})
    });
    this.content.sharedModelFactory.registerDocumentFactory(
      'notebook',
      () => this.notebook
    );
    drive.contentProviderRegistry.register('rtc', this.content);
    this.context = new Context({
      manager: {
        ready: Promise.resolve(),
        contents: this.contents,
        kernelspecs: new KernelSpecManagerMock(),
        sessions: new SessionManagerMock()
      } as unknown as ServiceManager.IManager,
      factory: new NotebookModelFactory({ collaborative: true }),
      path: PATH,
      contentProviderId: 'rtc'
    });
    Object.assign(this.provider, { save: () => this.save() });
  }

  /** Stand the guards in front of the content provider. */
  guard(): void {
    const { content } = this;
    const source = new AutosaveApi(this.server.settings);
    const tracker = {
      find: (test: (panel: object) => boolean) => [this].find(test)
    } as unknown as INotebookTracker;
    this.guards = [
      new SaveGuard({ content, source, trans }),
      new HashGuard({ content, source, tracker, trans })
    ];
  }

  /** The server writes the file, and says so through the live document. */
  export(): void {
    this.write();
    this.notebook.setState('hash', this.hash);
  }

  /** Somebody writes the file. */
  write(): void {
    this.writes++;
    this.trouble = null;
  }

  get hash(): string {
    return `hash-${this.writes}`;
  }

  /** The outcome of pressing Ctrl-S: `saved`, or what the dialog said. */
  async pressSave(): Promise<string> {
    let isSaved = false;
    const saved = this.context.save().then(
      () => (isSaved = true),
      () => undefined
    );
    await until(() => isSaved || hasDialog());
    const text = isSaved ? 'saved' : await dismissDialog();
    await saved;
    return text;
  }

  dispose(): void {
    this.guards.forEach(guard => guard.dispose());
    this.context.dispose();
  }

  private save(): Promise<void> {
    this.saves++;
    if (this.refusal !== null) {
      const reply = { type: 'save', status: 'failed', reason: this.refusal };
      this.provider.wsProvider?.socket.deliver(reply);
      return Promise.reject(new Error('Saving failed'));
    }
    this.export();
    return Promise.resolve();
  }

  private async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const asked = `${request.method} ${url.pathname}`;
    if (this.isGone) {
      throw new TypeError('gone');
    }
    if (asked.includes('/api/crdt-autosave/status/')) {
      return this.isLive
        ? json(KEPT)
        : json({ message: '', reason: 'not_open' }, 404);
    }
    if (asked.startsWith('PUT')) {
      this.puts++;
      this.write();
    }
    const hash = url.searchParams.get('hash') === '1' ? this.hash : null;
    if (hash === null && request.method === 'GET') {
      await this.beforeFollowUp();
    }
    return this.trouble !== null && request.method === 'GET'
      ? json({ message: 'No file' }, this.trouble)
      : json(this.model(hash), request.method === 'PUT' ? 201 : 200);
  }

  private model(hash: string | null): object {
    const last_modified = new Date(START + this.writes * 10_000).toISOString();
    return {
      name: this.path.split('/').pop(),
      path: this.path,
      type: 'notebook',
      created: new Date(START).toISOString(),
      last_modified,
      mimetype: null,
      content: null,
      format: null,
      writable: true,
      hash,
      hash_algorithm: hash && 'sha256'
    };
  }

  /** What a question without a hash waits for: the one that follows an export. */
  beforeFollowUp: () => Promise<void> = () => Promise.resolve();
  isGone = false;
  isLive = true;
  path = PATH;
  puts = 0;
  refusal: string | null = null;
  saves = 0;
  trouble: number | null = null;

  readonly notebook = new YNotebook();
  readonly provider = new FakeProvider();
  readonly server = new FakeServer(request => this.answer(request));
  readonly content: RtcContentProvider;
  readonly contents: ContentsManager;
  readonly context: Context<ReturnType<NotebookModelFactory['createNew']>>;
  private guards: { dispose(): void }[] = [];
  private writes = 1;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

function hasDialog(): boolean {
  return document.querySelector('.jp-Dialog') !== null;
}

/** Cancel the dialog, and tell what it said. */
async function dismissDialog(): Promise<string> {
  const text = document.querySelector('.jp-Dialog')?.textContent ?? '';
  Dialog.tracker.forEach(dialog => dialog.reject());
  await until(() => !hasDialog());
  return text;
}

const never = (): Promise<void> => new Promise(() => undefined);

describe('saving a live notebook', () => {
  let bench: Bench;

  beforeEach(async () => {
    jest.spyOn(console, 'warn').mockImplementation();
    bench = new Bench();
    await bench.context.initialize(false);
    expect(bench.context.contentsModel?.hash).toBe(bench.hash);
  });

  afterEach(() => {
    bench.dispose();
    jest.restoreAllMocks();
  });

  /**
   * Ways in which a context comes to know less than the server. Each raises the
   * dialog without the guards; that is tested too, or the rest proves nothing.
   */
  const windows: [string, () => Promise<void> | void][] = [
    [
      'right after an export',
      () => {
        bench.beforeFollowUp = never;
        bench.export();
      }
    ],
    [
      'after two exports whose follow-ups came in the wrong order',
      async () => {
        const releases: (() => void)[] = [];
        bench.beforeFollowUp = () =>
          new Promise(resolve => releases.push(resolve));
        bench.export();
        const first = bench.hash;
        bench.export();
        await until(() => releases.length === 2);
        releases[1]();
        await until(() => bench.context.contentsModel?.hash === bench.hash);
        releases[0]();
        await until(() => bench.context.contentsModel?.hash === first);
        bench.beforeFollowUp = () => Promise.resolve();
      }
    ],
    [
      'right after an export that follows a rename',
      async () => {
        bench.path = 'work/b.ipynb';
        await bench.contents.rename(PATH, bench.path);
        expect(bench.context.contentsModel?.hash).toBeNull();
        bench.beforeFollowUp = never;
        bench.export();
      }
    ],
    [
      'after an outside edit that the server has still to merge',
      () => bench.write()
    ]
  ];

  it.each(windows)('asks for nothing %s', async (_, happen) => {
    bench.guard();
    await happen();
    bench.beforeFollowUp = () => Promise.resolve();
    expect(await bench.pressSave()).toBe('saved');
    expect(bench.saves).toBe(1);
    await until(() => bench.context.contentsModel?.hash === bench.hash);
    expect(await bench.pressSave()).toBe('saved');
  });

  it.each(windows)('would raise the dialog unguarded %s', async (_, happen) => {
    await happen();
    expect(await bench.pressSave()).toContain(CHANGED);
    expect(bench.saves).toBe(0);
  });

  it('still asks when the server does not merge outside edits', async () => {
    bench.guard();
    bench.isLive = false;
    bench.write();
    expect(await bench.pressSave()).toContain(CHANGED);
  });

  it.each([404, 500])(
    'has the server write a file that cannot be looked at (%i)',
    async trouble => {
      bench.guard();
      bench.trouble = trouble;
      expect(await bench.pressSave()).toBe('saved');
      expect([bench.saves, bench.puts]).toEqual([1, 0]);
    }
  );

  it('would write a missing file past the live document unguarded', async () => {
    bench.trouble = 404;
    expect(await bench.pressSave()).toBe('saved');
    expect([bench.saves, bench.puts]).toEqual([0, 1]);
  });

  it.each([null, 500])('shows why the server did not save (%p)', async why => {
    bench.guard();
    bench.trouble = why;
    bench.refusal = 'No space left on device';
    expect(await bench.pressSave()).toContain(
      'not saved: No space left on device'
    );
    expect(bench.saves).toBe(1);
  });

  it.each([
    ['the socket is closed', () => bench.provider.wsProvider?.connect(false)],
    ['the server is gone', () => (bench.isGone = true)]
  ])('says that nothing was saved when %s', async (_, happen) => {
    bench.guard();
    happen();
    const text = await bench.pressSave();
    expect(text).toContain(
      'not saved: no connection to the server; your edits are in this tab only'
    );
    expect(bench.saves).toBe(0);
  });

  it('leaves everything as it was once the guards are gone', () => {
    bench.guard();
    const { get, save } = RtcContentProvider.prototype;
    expect(bench.content.get).not.toBe(get);
    bench.dispose();
    expect(bench.content.get).toBe(get);
    expect(bench.content.save).toBe(save);
  });
});
