/**
 * A lab with notebooks open, in which real panels show what the server tells.
 */
import type { ISharedNotebook } from '@jupyter/ydoc';
import { YNotebook } from '@jupyter/ydoc';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { NotebookModel } from '@jupyterlab/notebook';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { Widget } from '@lumino/widgets';

import { FakeLab } from './lab';

const SCHEMA = 'https://schema.jupyter.org/jupyter_crdt_autosave/file/v1';
export const PATH = 'work/story.ipynb';

/**
 * A lab in which notebooks with the cells `a` to `e` are open.
 */
export class Desk {
  constructor(paths: string[]) {
    this.panels = paths.map(path => this.open(path));
    this.tracker = {
      find: (test: (panel: NotebookPanel) => boolean) => this.panels.find(test)
    } as unknown as INotebookTracker;
    this.app = {
      serviceManager: this.lab.services,
      shell: { activateById: (id: string) => this.activated.push(id) }
    } as unknown as JupyterFrontEnd;
  }

  /** Have the server tell of a change. */
  send(event: string, more: object = {}): void {
    const emission = {
      cells: [],
      event,
      path: PATH,
      reason: null,
      schema_id: SCHEMA,
      ...more
    };
    this.lab.send(emission);
  }

  dispose(): void {
    for (const { content } of this.panels) {
      content.dispose();
    }
  }

  private open(path: string): NotebookPanel {
    const content = NBTestUtils.createNotebook();
    const sharedModel = new YNotebook();
    insert(sharedModel, 'a', 'b', 'c', 'd', 'e');
    content.model = new NotebookModel({ sharedModel });
    Widget.attach(content, document.body);
    // What else a panel has needs a server.
    return {
      content,
      context: { path },
      id: `panel of ${path}`,
      model: content.model,
      revealed: Promise.resolve()
    } as unknown as NotebookPanel;
  }

  readonly activated: string[] = [];
  readonly app: JupyterFrontEnd;
  readonly lab = new FakeLab();
  readonly panels: NotebookPanel[];
  readonly tracker: INotebookTracker;
}

/** Insert cells in front of the others. */
export function insert(notebook: ISharedNotebook, ...ids: string[]): void {
  // Yjs warns that a cell is looked at before it is in a document.
  const warn = jest.spyOn(console, 'warn').mockImplementation();
  notebook.insertCells(
    0,
    ids.map(id => ({ cell_type: 'code', id, source: `# ${id}` }))
  );
  warn.mockRestore();
}
