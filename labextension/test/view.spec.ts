import { Widget } from '@lumino/widgets';

import { StatusModel } from '../src/status/model';
import { StatusItem } from '../src/status/view';
import type { IAutosaveStatus } from '../src/tokens';
import { FakeLink, FakeSource, KEPT, NOT_KEPT, trans } from './support';

describe('StatusItem', () => {
  let clicked: string[];
  let item: StatusItem;
  let link: FakeLink;
  let model: StatusModel;
  let source: FakeSource;

  beforeEach(() => {
    link = new FakeLink();
    source = new FakeSource(() => KEPT);
    model = new StatusModel({ source, link });
    clicked = [];
    item = new StatusItem(model, trans, ({ kind }) => clicked.push(kind));
    Widget.attach(item, document.body);
  });

  afterEach(() => {
    item.dispose();
    model.dispose();
  });

  async function show(status: IAutosaveStatus): Promise<void> {
    source.answer = () => status;
    model.path = 'a.ipynb';
    model.refresh();
    await new Promise(resolve => setTimeout(resolve, 50));
  }

  const hasIcon = (name: string): boolean =>
    item.node.querySelector(`[data-icon="ui-components:${name}"]`) !== null;

  it('is empty before there is anything to say', () => {
    expect(item.node.textContent).toBe('');
    expect(item.node.title).toBe('');
  });

  it('is calm while edits are kept', async () => {
    await show(KEPT);
    expect(item.node.textContent).toBe('Edits kept');
    expect(item.node.title).toContain('The server keeps every edit');
    expect(hasIcon('check')).toBe(true);
    expect(item.hasClass('jp-CrdtAutosave-notKept')).toBe(false);
    expect(item.hasClass('jp-CrdtAutosave-warning')).toBe(false);
  });

  it('is red, with other words and another icon, when they are not', async () => {
    await show(NOT_KEPT);
    expect(item.node.textContent).toBe(
      'Edits NOT kept: No space left on device'
    );
    expect(item.node.title).toContain('No space left on device');
    expect(hasIcon('offline-bolt')).toBe(true);
    expect(item.hasClass('jp-CrdtAutosave-notKept')).toBe(true);
  });

  it('is red without a connection', async () => {
    link.down = true;
    await show(KEPT);
    expect(item.node.textContent).toContain('Edits NOT kept');
    expect(item.hasClass('jp-CrdtAutosave-notKept')).toBe(true);
  });

  it('warns when the file cannot be written', async () => {
    await show({ ...KEPT, export_error: 'Permission denied' });
    expect(item.node.textContent).toBe(
      'Kept, but the file cannot be written: Permission denied'
    );
    expect(hasIcon('error')).toBe(true);
    expect(item.hasClass('jp-CrdtAutosave-warning')).toBe(true);
    expect(item.hasClass('jp-CrdtAutosave-notKept')).toBe(false);
  });

  it('calms down again', async () => {
    await show(NOT_KEPT);
    await show(KEPT);
    expect(item.node.textContent).toBe('Edits kept');
    expect(item.hasClass('jp-CrdtAutosave-notKept')).toBe(false);
  });

  it('is read out without taking the focus', () => {
    expect(item.node.getAttribute('role')).toBe('status');
    expect(item.node.getAttribute('aria-live')).toBe('polite');
  });

  it('hides its icon from those who have it read out', async () => {
    await show(KEPT);
    const icon = item.node.querySelector('[data-icon]')?.closest('span');
    expect(icon?.getAttribute('aria-hidden')).toBe('true');
  });

  it('tells of clicks until it is disposed', async () => {
    await show(KEPT);
    item.node.click();
    item.dispose();
    item.node.click();
    expect(clicked).toEqual(['kept']);
  });

  it('lets go of the model when it is disposed', () => {
    item.dispose();
    expect(() => {
      model.path = 'b.ipynb';
    }).not.toThrow();
    expect(item.isDisposed).toBe(true);
    expect(model.isDisposed).toBe(false);
  });
});
