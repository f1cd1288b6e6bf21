import type { ICollaborativeContentProvider } from '@jupyter/collaborative-drive';
import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import * as encoding from 'lib0/encoding';

import deferred from '../../tests/contract/wire/status-deferred.json';
import notKept from '../../tests/contract/wire/status-not-kept.json';
import kept from '../../tests/contract/wire/status.json';
import type { ISocketOwner } from '../src/link';
import type {
  IAutosaveStatus,
  INotebookLink,
  IStatusSource
} from '../src/tokens';

export const trans = nullTranslator.load('jupyter_crdt_autosave');

export const KEPT: IAutosaveStatus = kept;
export const DEFERRED: IAutosaveStatus = deferred;
export const NOT_KEPT: IAutosaveStatus = notKept;

/**
 * Answers HTTP requests by a function, and remembers what was asked.
 */
export class FakeServer {
  constructor(answer: (request: Request) => Response | Promise<Response>) {
    this.answer = answer;
    this.settings = ServerConnection.makeSettings({
      baseUrl: 'http://localhost/base/',
      fetch: async (request: RequestInfo) => {
        this.requests.push(request as Request);
        return this.answer(request as Request);
      }
    });
  }

  answer: (request: Request) => Response | Promise<Response>;
  readonly requests: Request[] = [];
  readonly settings: ServerConnection.ISettings;
}

export function json(payload: unknown, status = 200): Response {
  return new Response(JSON.stringify(payload), { status });
}

/**
 * Answers each question for a status with what it is told to.
 */
export class FakeSource implements IStatusSource {
  constructor(answer: () => IAutosaveStatus | Promise<IAutosaveStatus>) {
    this.answer = answer;
  }

  async status(path: string): Promise<IAutosaveStatus> {
    this.paths.push(path);
    this.times.push(Date.now());
    return this.answer();
  }

  answer: () => IAutosaveStatus | Promise<IAutosaveStatus>;
  readonly paths: string[] = [];
  readonly times: number[] = [];
}

export class FakeLink implements INotebookLink {
  isDown(): boolean {
    return this.down;
  }

  down = false;
  readonly changed: Signal<INotebookLink, void> = new Signal(this);
}

/**
 * A socket that speaks only when it is told to.
 */
export class FakeSocket extends EventTarget {
  readyState: number = WebSocket.OPEN;

  /**
   * Deliver a JSON message, framed as the server frames it.
   */
  deliver(message: unknown): void {
    const data = frame(JSON.stringify(message));
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
    this.dispatchEvent(new Event('close'));
  }
}

/**
 * Frame a text as a message of a document's socket.
 */
export function frame(text: string, type = 2): ArrayBuffer {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, type);
  encoding.writeVarString(encoder, text);
  return new Uint8Array(encoding.toUint8Array(encoder)).buffer;
}

export class FakeOwner implements ISocketOwner {
  readonly socket = new FakeSocket();
  synced = true;
  wsconnected = true;

  get ws(): WebSocket | null {
    return this.wsconnected ? (this.socket as unknown as WebSocket) : null;
  }

  on(_: 'status', callback: () => void): void {
    this.callbacks.add(callback);
  }

  off(_: 'status', callback: () => void): void {
    this.callbacks.delete(callback);
  }

  connect(connected: boolean): void {
    this.wsconnected = connected;
    this.callbacks.forEach(callback => callback());
  }

  readonly callbacks = new Set<() => void>();
}

/**
 * A document provider whose saves end when it is told to.
 */
export class FakeProvider {
  wsProvider: FakeOwner | null = new FakeOwner();
  readonly ready = Promise.resolve();
  isDisposed = false;

  dispose(): void {
    this.isDisposed = true;
  }
}

/**
 * A content provider with documents, whose methods are those of its class.
 */
export function contentWith(
  documents: Record<string, object>,
  methods: Partial<
    Record<'get' | 'save', (...args: never[]) => Promise<unknown>>
  > = {}
): ICollaborativeContentProvider {
  class FakeContent {
    readonly providers = new Map(Object.entries(documents));
  }
  Object.assign(FakeContent.prototype, methods);
  return new FakeContent() as unknown as ICollaborativeContentProvider;
}

/**
 * Let everything that waits for a promise only go on.
 */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}
