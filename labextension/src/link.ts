import type {
  ICollaborativeContentProvider,
  IDocumentProvider
} from '@jupyter/collaborative-drive';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { INotebookLink } from './tokens';

/**
 * The part that matters here of the object that owns a document's socket.
 */
export interface ISocketOwner {
  /**
   * The socket, while there is one.
   */
  readonly ws: WebSocket | null;

  /**
   * Whether the socket is open.
   */
  readonly wsconnected: boolean;

  /**
   * Whether both sides have exchanged what they had since the socket opened.
   */
  readonly synced: boolean;

  /**
   * Call back whenever the socket opens or closes.
   */
  on(name: 'status', callback: () => void): void;

  /**
   * Take back what `on` did.
   */
  off(name: 'status', callback: () => void): void;
}

/**
 * The provider that connects the notebook at a path, if it is collaborative.
 */
export function notebookProvider(
  content: ICollaborativeContentProvider,
  path: string
): IDocumentProvider | undefined {
  return content.providers.get(`json:notebook:${path}`);
}

/**
 * The owner of a provider's socket.
 *
 * @returns `null` before the first connection, and `undefined` for a provider
 * that does not show a socket: factories of other providers need not have one.
 */
export function socketOwner(
  provider: IDocumentProvider
): ISocketOwner | null | undefined {
  if (!('wsProvider' in provider)) {
    return undefined;
  }
  const owner = provider.wsProvider;
  if (owner === null || owner === undefined) {
    return null;
  }
  return isSocketOwner(owner) ? owner : undefined;
}

function isSocketOwner(value: unknown): value is ISocketOwner {
  return (
    typeof value === 'object' &&
    value !== null &&
    'ws' in value &&
    'wsconnected' in value &&
    'synced' in value &&
    'on' in value &&
    typeof value.on === 'function'
  );
}

/**
 * Watches the socket of the notebook that was asked about last.
 *
 * REST calls may well succeed while a notebook's socket is down, and then the
 * edits of this tab reach nobody: only the socket itself can tell.
 */
export class NotebookLink implements INotebookLink, IDisposable {
  /**
   * Construct a link over the providers of collaborative documents.
   */
  constructor(
    private readonly _content: ICollaborativeContentProvider | null
  ) {}

  /**
   * Emitted when the connection of the watched notebook was lost or came back.
   */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * Whether the link is disposed.
   */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Whether a notebook that was connected no longer is.
   *
   * #### Notes
   * Before its first connection a notebook shows no cells, so there is nothing
   * to lose. A provider may replace its owner, hence each call looks anew.
   */
  isDown(path: string): boolean {
    const provider = this._content && notebookProvider(this._content, path);
    const owner = provider && socketOwner(provider);
    if (!provider || owner === undefined) {
      return false;
    }
    this._watch(owner);
    if (owner?.wsconnected) {
      this._connected.add(provider);
      return false;
    }
    return this._connected.has(provider);
  }

  /**
   * Stop watching.
   */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._watch(null);
    Signal.clearData(this);
  }

  private _watch(owner: ISocketOwner | null): void {
    if (owner !== this._owner) {
      this._owner?.off('status', this._onStatus);
      this._owner = owner;
      this._owner?.on('status', this._onStatus);
    }
  }

  private readonly _onStatus = (): void => {
    this._changed.emit();
  };

  private readonly _changed = new Signal<this, void>(this);
  private readonly _connected = new WeakSet<IDocumentProvider>();
  private _isDisposed = false;
  private _owner: ISocketOwner | null = null;
}
