import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { StatusBar } from '@jupyterlab/statusbar';

import plugins from '../src';
import { FakeLab, FakePanel } from './lab';
import { contentWith, FakeProvider, json, NOT_KEPT } from './support';

function pluginFor(feature: string): JupyterFrontEndPlugin<void> {
  const plugin = plugins.find(
    ({ id }) => id === `jupyter-crdt-autosave:${feature}`
  );
  if (!plugin) {
    throw new Error(`There is no plugin for ${feature}`);
  }
  return plugin;
}

const rest = (): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, 50));

describe('the plugins', () => {
  it('are these, start by themselves, and say what they are for', () => {
    expect(plugins.map(({ id }) => id).sort()).toEqual([
      'jupyter-crdt-autosave:conflict',
      'jupyter-crdt-autosave:outside',
      'jupyter-crdt-autosave:plugin',
      'jupyter-crdt-autosave:recovery',
      'jupyter-crdt-autosave:saving',
      'jupyter-crdt-autosave:status'
    ]);
    for (const { autoStart, description } of plugins) {
      expect(autoStart).toBe(true);
      expect(description).toMatch(/^[A-Z].+\.$/);
    }
  });
});

describe('the status plugin', () => {
  const plugin = pluginFor('status');
  let bar: StatusBar;
  let lab: FakeLab;

  beforeEach(() => {
    bar = new StatusBar();
    lab = new FakeLab();
    document.body.appendChild(bar.node);
  });

  afterEach(() => {
    void plugin.deactivate?.(lab.app);
    bar.dispose();
  });

  const item = (): Element | null =>
    bar.node.querySelector('.jp-CrdtAutosave-item');
  const isShown = (): boolean =>
    item()?.classList.contains('lm-mod-hidden') === false;

  it('shows how the current notebook is doing, and nothing otherwise', async () => {
    void plugin.activate(lab.app, lab.tracker, bar, null, null);
    await rest();
    expect(item()).not.toBeNull();
    expect(isShown()).toBe(false);
    lab.activate(new FakePanel('deep/a b.ipynb'));
    await rest();
    expect(isShown()).toBe(true);
    expect(item()?.textContent).toBe('Edits kept');
    expect(lab.server.requests[0].url).toContain(
      '/api/crdt-autosave/status/deep/a%20b.ipynb'
    );
    lab.activate({});
    expect(isShown()).toBe(false);
  });

  it('shows an alarm in a narrow window too', async () => {
    const width = window.innerWidth;
    window.innerWidth = 400;
    lab.server.answer = () => json(NOT_KEPT);
    void plugin.activate(lab.app, lab.tracker, bar, null, null);
    lab.activate(new FakePanel('a.ipynb'));
    await rest();
    window.innerWidth = width;
    expect(isShown()).toBe(true);
    expect(item()?.textContent).toContain('Edits NOT kept');
  });

  it('watches the socket of a collaborative notebook', async () => {
    const provider = new FakeProvider();
    const content = contentWith({ 'json:notebook:a.ipynb': provider });
    void plugin.activate(lab.app, lab.tracker, bar, content, null);
    lab.activate(new FakePanel('a.ipynb'));
    await rest();
    expect(item()?.textContent).toBe('Edits kept');
    provider.wsProvider?.connect(false);
    await rest();
    expect(item()?.textContent).toContain('Edits NOT kept');
  });

  it('does nothing without a status bar', () => {
    void plugin.activate(lab.app, lab.tracker, null, null, null);
    lab.activate(new FakePanel('a.ipynb'));
    expect(lab.server.requests).toEqual([]);
  });

  it('goes away when it is deactivated', async () => {
    void plugin.activate(lab.app, lab.tracker, bar, null, null);
    await plugin.deactivate?.(lab.app);
    expect(item()).toBeNull();
    lab.activate(new FakePanel('a.ipynb'));
    await rest();
    expect(lab.server.requests).toEqual([]);
  });
});

describe('the saving plugin', () => {
  const plugin = pluginFor('saving');
  const lab = new FakeLab();

  it('stands in front of the content provider until it is deactivated', async () => {
    const save = jest.fn().mockResolvedValue({});
    const get = jest.fn().mockResolvedValue({});
    const provider = new FakeProvider();
    provider.wsProvider = null;
    const content = contentWith(
      { 'json:notebook:a.ipynb': provider },
      { get, save }
    );
    const request = ['a.ipynb', { type: 'notebook', format: 'json' }] as const;
    void plugin.activate(lab.app, lab.tracker, content, null);
    await expect(content.save(...request)).rejects.toThrow('not saved');
    expect(content.get).not.toBe(get);
    await plugin.deactivate?.(lab.app);
    await expect(content.save(...request)).resolves.toEqual({});
    expect(content.get).toBe(get);
    expect(save).toHaveBeenCalledTimes(1);
  });

  it('does nothing without collaboration', () => {
    expect(() =>
      plugin.activate(lab.app, lab.tracker, null, null)
    ).not.toThrow();
  });
});

describe('the conflict plugin', () => {
  const plugin = pluginFor('conflict');
  let lab: FakeLab;

  beforeEach(() => {
    lab = new FakeLab();
  });

  afterEach(() => {
    PageConfig.setOption('crdtAutosaveConflict', '');
    Notification.manager.dismiss();
    jest.restoreAllMocks();
  });

  async function activate(command: string): Promise<void> {
    PageConfig.setOption('crdtAutosaveConflict', command);
    void plugin.activate(lab.app, null);
    lab.start();
    await lab.app.restored;
  }

  it('is silent when there is no conflict', async () => {
    await activate('');
    expect(Notification.manager.notifications).toEqual([]);
  });

  it.each([
    'pip uninstall jupyter-server-documents',
    'jupyter server extension disable jupyter_server_documents'
  ])('names the conflict and the way out, once: %s', async command => {
    await activate(command);
    expect(Notification.manager.notifications).toHaveLength(1);
    const [{ message, options, type }] = Notification.manager.notifications;
    expect(type).toBe('warning');
    expect(options.autoClose).toBe(false);
    expect(message).toContain('keeps no edits');
    expect(message).toContain('jupyter-server-documents is active');
    expect(message).toContain(command);
    // What is longer is cut off, and the command comes last.
    expect(message.length).toBeLessThanOrEqual(140);
  });

  it('waits until there is a screen to put it on', async () => {
    PageConfig.setOption('crdtAutosaveConflict', 'do this');
    void plugin.activate(lab.app, null);
    await rest();
    expect(Notification.manager.notifications).toEqual([]);
  });

  it('copies the command', async () => {
    await activate('do this');
    const copy = jest.spyOn(Clipboard, 'copyToSystem').mockImplementation();
    const [{ options }] = Notification.manager.notifications;
    options.actions?.[0].callback(new MouseEvent('click'));
    expect(copy).toHaveBeenCalledWith('do this');
    expect(Notification.manager.notifications).toHaveLength(1);
  });
});
