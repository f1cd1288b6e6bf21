import { Dialog } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';

import { respond } from '../src/status/respond';
import { judge } from '../src/status/standing';
import { DEFERRED, KEPT, NOT_KEPT, trans } from './support';

describe('a click on the item', () => {
  let commands: CommandRegistry;
  let saved: number;

  beforeEach(() => {
    saved = 0;
    commands = new CommandRegistry();
    commands.addCommand('docmanager:save', {
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => ++saved
    });
  });

  afterEach(() => {
    Dialog.flush();
  });

  it.each([
    [1, KEPT],
    [1, DEFERRED],
    [0, { ...KEPT, unsaved: false }]
  ])('saves what is not saved (%s)', async (times, status) => {
    await respond(judge({ ...status }), commands, trans);
    expect(saved).toBe(times);
  });

  it('shows why edits are not kept', async () => {
    const shown = respond(judge(NOT_KEPT), commands, trans);
    await new Promise(resolve => setTimeout(resolve, 50));
    const dialog = document.querySelector('.jp-Dialog');
    expect(dialog?.textContent).toContain('No space left on device');
    dialog?.querySelector<HTMLElement>('.jp-mod-accept')?.click();
    await shown;
    expect(saved).toBe(0);
  });
});
