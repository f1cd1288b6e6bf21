/**
 * The notices about changes from outside, with real notebook panels.
 */
import type { ISharedNotebook } from '@jupyter/ydoc';
import { Notification } from '@jupyterlab/apputils';

import { OutsideNotices, outsidePlugin } from '../src/outside';
import { Desk, insert, PATH } from './desk';
import { trans } from './support';

const LONG = `${'n'.repeat(200)}.ipynb`;

const shown = (): Notification.INotification[] =>
  Notification.manager.notifications;
const messages = (): string[] => shown().map(({ message }) => message);
const rest = (): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, 50));

/** Press the first button of a notice, as the notification center does. */
async function press(notice: Notification.INotification): Promise<void> {
  const event = new MouseEvent('click', { cancelable: true });
  notice.options.actions?.[0].callback(event);
  if (!event.defaultPrevented) {
    Notification.dismiss(notice.id);
  }
  await rest();
}

describe('OutsideNotices', () => {
  let desk: Desk;
  let notices: OutsideNotices;

  beforeEach(() => {
    desk = new Desk(['RTC:work/story.ipynb', 'other.ipynb', LONG]);
    const { app, tracker } = desk;
    notices = new OutsideNotices({ app, tracker, trans });
  });

  afterEach(() => {
    notices.dispose();
    desk.dispose();
    Notification.manager.dismiss();
  });

  const active = (): string | undefined =>
    desk.panels[0].content.activeCell?.model.id;
  const sharedNotebook = (): ISharedNotebook =>
    desk.panels[0].content.model!.sharedModel;

  it('says nothing of what was taken over unedited', () => {
    desk.send('ingested');
    expect(shown()).toEqual([]);
  });

  it('says for a few seconds that something was merged', () => {
    desk.send('merged');
    expect(messages()).toEqual([
      'story.ipynb: changes that another program made were merged with yours.'
    ]);
    expect(shown()[0].type).toBe('info');
    expect(shown()[0].options.autoClose).toBe(5_000);
  });

  it('says it once for each notebook, however often it happens', () => {
    desk.send('merged');
    const [{ id, modifiedAt }] = shown();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(modifiedAt + 1_000);
    desk.send('merged');
    desk.send('merged');
    clock.mockRestore();
    expect(shown()).toHaveLength(1);
    expect(shown()[0].id).toBe(id);
    expect(shown()[0].modifiedAt).toBe(modifiedAt + 1_000);
    desk.send('merged', { path: 'other.ipynb' });
    expect(messages()[0]).toContain('other.ipynb');
    expect(shown()).toHaveLength(2);
  });

  it('says it again when the notice was dismissed', () => {
    desk.send('merged');
    Notification.manager.dismiss();
    desk.send('merged');
    expect(shown()).toHaveLength(1);
  });

  it('names the cell of a conflict as the reader counts, and stays', () => {
    desk.send('conflict', { cells: ['c'] });
    expect(messages()).toEqual([
      'story.ipynb: another program changed the same words in cell 3. Yours stand; its text is kept as a version.'
    ]);
    expect(shown()[0].type).toBe('warning');
    expect(shown()[0].options.autoClose).toBe(false);
    expect(shown()[0].options.actions?.map(({ label }) => label)).toEqual([
      'Show cell'
    ]);
  });

  it('counts the cells of a conflict from where they are now', () => {
    sharedNotebook().deleteCell(0);
    desk.send('conflict', { cells: ['c'] });
    expect(messages()[0]).toContain('in cell 2.');
  });

  it('says how many cells are in conflict, and where the first is', () => {
    desk.send('conflict', { cells: ['e', 'b', 'c'] });
    expect(messages()[0]).toContain('in 3 cells, first in cell 2.');
  });

  it('adds up conflicts of one notebook that nobody has looked at', () => {
    desk.send('conflict', { cells: ['d'] });
    desk.send('conflict', { cells: ['b', 'd'] });
    expect(messages()).toHaveLength(1);
    expect(messages()[0]).toContain('in 2 cells, first in cell 2.');
    Notification.manager.dismiss();
    desk.send('conflict', { cells: ['e'] });
    expect(messages()[0]).toContain('in cell 5.');
  });

  it('shows the cell', async () => {
    desk.send('conflict', { cells: ['c'] });
    // Somebody adds a cell meanwhile.
    insert(sharedNotebook(), 'new');
    const scroll = jest.spyOn(desk.panels[0].content, 'scrollToCell');
    await press(shown()[0]);
    expect(desk.activated).toEqual(['panel of RTC:work/story.ipynb']);
    expect(active()).toBe('c');
    expect(scroll.mock.calls.map(([cell]) => cell.model.id)).toEqual(['c']);
    expect(shown()).toEqual([]);
  });

  it('shows one cell after the other', async () => {
    desk.send('conflict', { cells: ['d', 'b', 'e'] });
    await press(shown()[0]);
    expect(active()).toBe('b');
    expect(messages()[0]).toContain('in 2 cells, first in cell 4.');
    await press(shown()[0]);
    expect(active()).toBe('d');
    expect(messages()[0]).toContain('in cell 5.');
    await press(shown()[0]);
    expect(active()).toBe('e');
    expect(shown()).toEqual([]);
  });

  it('speaks of no number when the cell is gone', () => {
    desk.send('conflict', { cells: ['gone'] });
    expect(messages()).toEqual([
      'story.ipynb: another program changed the same words as you. Yours stand; its text is kept as a version.'
    ]);
    expect(shown()[0].options.actions).toEqual([]);
  });

  it('speaks of a cell that is there when another is gone', () => {
    desk.send('conflict', { cells: ['gone', 'd'] });
    expect(messages()[0]).toContain('in 2 cells, first in cell 4.');
  });

  it('shows the notebook when the cell was deleted meanwhile', async () => {
    desk.send('conflict', { cells: ['c'] });
    const before = active();
    sharedNotebook().deleteCell(2);
    await press(shown()[0]);
    expect(desk.activated).toHaveLength(1);
    expect(active()).toBe(before);
    expect(shown()).toEqual([]);
  });

  it('shows nothing when the notebook was closed meanwhile', async () => {
    desk.send('conflict', { cells: ['c'] });
    desk.panels.splice(0, 1)[0].content.dispose();
    await press(shown()[0]);
    expect(desk.activated).toEqual([]);
  });

  it('speaks of a notebook whose cells are not loaded yet', () => {
    Object.assign(desk.panels[0], { model: null });
    desk.send('conflict', { cells: ['c'] });
    expect(messages()[0]).toContain('the same words as you');
  });

  it('says why a file cannot be read, and stays', () => {
    desk.send('unreadable', { reason: 'the file has conflict markers.' });
    expect(messages()).toEqual([
      'story.ipynb: its file cannot be read (the file has conflict markers). Your notebook is kept; saving replaces the file.'
    ]);
    expect(shown()[0].type).toBe('warning');
    expect(shown()[0].options.autoClose).toBe(false);
  });

  it('says without a reason that a file cannot be read', () => {
    desk.send('unreadable');
    expect(messages()).toEqual([
      'story.ipynb: its file cannot be read. Your notebook is kept; saving replaces the file.'
    ]);
  });

  it('says but once of each notebook that it cannot be read', () => {
    desk.send('unreadable', { reason: 'the file is empty' });
    desk.send('unreadable', { reason: 'the file is not JSON' });
    expect(messages()).toHaveLength(1);
    expect(messages()[0]).toContain('not JSON');
    desk.send('unreadable', { path: 'other.ipynb' });
    expect(messages()).toHaveLength(2);
  });

  it.each(['ingested', 'merged', 'conflict'])(
    'takes it back when the file can be read again: %s',
    event => {
      desk.send('unreadable', { path: 'other.ipynb' });
      desk.send('unreadable');
      desk.send(event);
      const told = messages().filter(text => text.includes('cannot be read'));
      expect(told).toHaveLength(1);
      expect(told[0]).toContain('other.ipynb');
    }
  );

  it.each([
    ['a merge', 'merged', {}],
    ['one cell', 'conflict', { cells: ['c'] }],
    ['several cells', 'conflict', { cells: ['b', 'c'] }],
    ['a lost cell', 'conflict', { cells: ['gone'] }],
    ['an unreadable file', 'unreadable', {}],
    ['a long reason', 'unreadable', { reason: 'x'.repeat(500) }]
  ])('keeps its words readable beside a long name: %s', (_, event, more) => {
    desk.send(event, more);
    const end = messages()[0].slice(-20);
    desk.send(event, { ...more, path: LONG });
    expect(messages()[0]).toContain('nnn…');
    expect(messages()[0].length).toBeLessThanOrEqual(140);
    expect(messages()[0].slice(-20)).toBe(end);
  });

  it('cuts no letter in two', () => {
    const path = `${'📓'.repeat(100)}.ipynb`;
    Object.assign(desk.panels[1].context, { path });
    for (const event of ['merged', 'conflict', 'unreadable']) {
      desk.send(event, { path });
      expect(messages()[0]).toMatch(/^(📓)+…/u);
    }
  });

  it.each([
    ['notebooks that are not open', { path: 'closed.ipynb' }],
    ['no notebook', { path: 1 }],
    ['something new', { event: 'something' }],
    ['another schema', { schema_id: 'https://example.org/file/v1' }]
  ])('is silent about %s', (_, more) => {
    desk.send('merged', more);
    expect(shown()).toEqual([]);
  });

  it.each([[{ cells: 'c' }], [{ cells: [1] }], [{ cells: undefined }]])(
    'makes do without cells: %j',
    more => {
      desk.send('conflict', more);
      expect(messages()[0]).toContain('the same words as you');
    }
  );

  it('says nothing any more when it is disposed', () => {
    desk.send('unreadable');
    notices.dispose();
    notices.dispose();
    expect(notices.isDisposed).toBe(true);
    expect(shown()).toEqual([]);
    desk.send('merged');
    expect(shown()).toEqual([]);
  });
});

describe('the outside plugin', () => {
  it('gives notices until it is deactivated', () => {
    const desk = new Desk([PATH]);
    void outsidePlugin.activate(desk.app, desk.tracker, null);
    desk.send('merged');
    expect(messages()).toHaveLength(1);
    void outsidePlugin.deactivate?.(desk.app);
    Notification.manager.dismiss();
    desk.send('merged');
    expect(messages()).toEqual([]);
    desk.dispose();
  });
});
