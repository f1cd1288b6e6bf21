import { Dialog } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

import { ApiError } from '../src/api';
import { RevertGuard } from '../src/saving/revert';
import type { IAutosaveStatus, IReloader } from '../src/tokens';
import { KEPT, trans } from './support';

/** A notebook in a tab, of which only the context is looked at. */
class FakeContext {
  constructor(readonly collaborative: boolean) {
    this.model = { collaborative };
  }

  revert(): Promise<void> {
    this.reverted++;
    return Promise.resolve();
  }

  readonly model: object;
  readonly path = 'work/a.ipynb';
  reverted = 0;
}

class FakeReloader implements IReloader {
  reload(path: string): Promise<IAutosaveStatus> {
    this.paths.push(path);
    return this.error ? Promise.reject(this.error) : Promise.resolve(KEPT);
  }

  error: Error | null = null;
  readonly paths: string[] = [];
}

describe('reverting', () => {
  let guard: RevertGuard;
  let source: FakeReloader;

  const open = (context: FakeContext): FakeContext => {
    const panel = { context } as unknown as NotebookPanel;
    const tracker = {
      forEach: (visit: (panel: NotebookPanel) => void) => visit(panel)
    };
    const widgetAdded = new Signal<object, NotebookPanel>(tracker);
    source = new FakeReloader();
    guard = new RevertGuard({
      source,
      tracker: { ...tracker, widgetAdded } as unknown as INotebookTracker,
      trans
    });
    return context;
  };

  afterEach(() => {
    guard.dispose();
    Dialog.flush();
  });

  it('makes a live notebook what its file is', async () => {
    const context = open(new FakeContext(true));
    await context.revert();
    expect(source.paths).toEqual(['work/a.ipynb']);
    expect(context.reverted).toBe(0);
  });

  it('leaves what is not live to JupyterLab', async () => {
    const context = open(new FakeContext(false));
    await context.revert();
    expect(source.paths).toEqual([]);
    expect(context.reverted).toBe(1);
  });

  it('leaves what the server has not open to JupyterLab', async () => {
    const context = open(new FakeContext(true));
    source.error = new ApiError(404, 'not_open', 'It is not open.');
    await context.revert();
    expect(context.reverted).toBe(1);
  });

  it('says why it did not work', async () => {
    const context = open(new FakeContext(true));
    source.error = new ApiError(
      507,
      'archive_unavailable',
      'The disk is full.'
    );
    const reverted = context.revert();
    await new Promise(resolve => setTimeout(resolve, 50));
    const dialog = document.querySelector('.jp-Dialog');
    expect(dialog?.textContent).toContain('The disk is full.');
    dialog?.querySelector<HTMLElement>('.jp-Dialog-button')?.click();
    await reverted;
    expect(context.reverted).toBe(0);
  });

  it('is as it was once the guard is gone', async () => {
    const context = open(new FakeContext(true));
    guard.dispose();
    await context.revert();
    expect(source.paths).toEqual([]);
    expect(context.reverted).toBe(1);
  });
});
