import { ServerConnection } from '@jupyterlab/services';

import { ApiError, AutosaveApi, isAutosaveStatus } from '../src/api';
import { DEFERRED, FakeServer, json, KEPT, NOT_KEPT } from './support';

type Payload = Record<string, unknown>;

function without(key: string): Payload {
  const copy: Payload = { ...KEPT };
  delete copy[key];
  return copy;
}

describe('isAutosaveStatus', () => {
  it('accepts what the server serialises', () => {
    expect(isAutosaveStatus(KEPT)).toBe(true);
    expect(isAutosaveStatus(NOT_KEPT)).toBe(true);
    expect(isAutosaveStatus(DEFERRED)).toBe(true);
  });

  it('lets keys pass that it does not know', () => {
    const payload = {
      ...KEPT,
      mood: 'busy',
      journal: { ...KEPT.journal, x: 1 }
    };
    expect(isAutosaveStatus(payload)).toBe(true);
  });

  it.each(Object.keys(KEPT))('needs %s', key => {
    expect(isAutosaveStatus(without(key))).toBe(false);
  });

  it.each(Object.keys(KEPT.journal))('needs journal.%s', key => {
    const journal: Payload = { ...KEPT.journal };
    delete journal[key];
    expect(isAutosaveStatus({ ...KEPT, journal })).toBe(false);
  });

  it.each([
    ['path', 1],
    ['lineage', 4503599627370497],
    ['unsaved', 'yes'],
    ['kernel', null],
    ['deferred', true],
    ['due_at', 'soon'],
    ['offer', 7],
    ['last_autosave', '2026-03-01T09:15:30Z'],
    ['last_autosave', { at: 'yesterday', target: 'notebook' }],
    ['last_autosave', { at: '2026-03-01T09:15:30Z', target: null }],
    ['last_save', 'yesterday'],
    ['last_save', 1772356202],
    ['journal', null],
    ['journal', { healthy: 'yes', error: null, lag: 0 }],
    ['journal', { healthy: true, error: 5, lag: 0 }],
    ['journal', { healthy: true, error: null, lag: '0' }],
    ['journal', { healthy: true, error: null, lag: -1 }],
    ['export_error', false]
  ])('refuses %s = %j', (key, value) => {
    expect(isAutosaveStatus({ ...KEPT, [key]: value })).toBe(false);
  });

  it.each([null, undefined, 'ok', 7, []])('refuses %j', value => {
    expect(isAutosaveStatus(value)).toBe(false);
  });
});

describe('AutosaveApi', () => {
  it('asks for a path with each segment encoded', async () => {
    const server = new FakeServer(() => json(KEPT));
    const api = new AutosaveApi(server.settings);
    await expect(api.status('my work/50% #1?.ipynb')).resolves.toEqual(KEPT);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0].method).toBe('GET');
    expect(server.requests[0].url.split('?')[0]).toBe(
      'http://localhost/base/api/crdt-autosave/status/my%20work/50%25%20%231%3F.ipynb'
    );
  });

  it('hands on the reason of an error', async () => {
    const payload = { message: 'No room is open', reason: 'not_open' };
    const server = new FakeServer(() => json(payload, 404));
    const error = await failure(new AutosaveApi(server.settings).status('a'));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      message: 'No room is open',
      reason: 'not_open',
      status: 404
    });
  });

  it('does not take the answer of somebody else for its own', async () => {
    const server = new FakeServer(
      () =>
        new Response('<h1>404</h1>', { status: 404, statusText: 'Not Found' })
    );
    const error = await failure(new AutosaveApi(server.settings).status('a'));
    expect(error).toMatchObject({
      message: 'Not Found',
      reason: '',
      status: 404
    });
  });

  it('refuses an answer of the wrong shape', async () => {
    const server = new FakeServer(() => json({ ...KEPT, unsaved: null }));
    const error = await failure(new AutosaveApi(server.settings).status('a'));
    expect(error).toMatchObject({ name: 'PayloadError' });
  });

  it('tells a server that is not there from one that refuses', async () => {
    const server = new FakeServer(() => Promise.reject(new TypeError('gone')));
    const error = await failure(new AutosaveApi(server.settings).status('a'));
    expect(error).toBeInstanceOf(ServerConnection.NetworkError);
  });
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => Promise.reject(new Error('did not fail')),
    (error: unknown) => error
  );
}
