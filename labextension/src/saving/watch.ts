import type { ISaveReply } from './reply';
import { readSaveReply } from './reply';

/**
 * How long the server may take to answer a save request.
 */
export const SAVE_TIMEOUT = 30_000;

/**
 * There will be no answer to a save request.
 */
export class NoReply extends Error {
  /**
   * Construct an error for a save whose socket closed or whose time ran out.
   */
  constructor(readonly why: 'closed' | 'timeout') {
    super(why);
    this.name = 'NoReply';
  }
}

/**
 * Watches a document's socket while a save is under way.
 *
 * The provider waits for the reply for ever, and it keeps the status of the
 * reply but not its reason; both can be had from the socket itself.
 */
export class SaveWatch {
  /**
   * Construct a watch; to be done before the save request is sent.
   *
   * @param socket - the socket, if the provider shows one.
   */
  constructor(private readonly _socket: WebSocket | null) {
    this.lost = new Promise((_, reject) => {
      this._onClose = () => {
        this.stop();
        reject(new NoReply('closed'));
      };
      this._timer = setTimeout(() => {
        this.stop();
        reject(new NoReply('timeout'));
      }, SAVE_TIMEOUT);
    });
    // Nobody may be waiting for it when it comes to nothing.
    this.lost.catch(() => undefined);
    this._socket?.addEventListener('message', this._onMessage);
    this._socket?.addEventListener('close', this._onClose);
  }

  /**
   * Rejects when there will be no reply, and never resolves.
   */
  readonly lost: Promise<never>;

  /**
   * The reason that the server gave for a failure, if it did.
   */
  get reason(): string | null {
    return this._reply?.reason ?? null;
  }

  /**
   * Whether the server said that it has written the file.
   */
  get hasSucceeded(): boolean {
    return this._reply?.status === 'success';
  }

  /**
   * Stop watching.
   */
  stop(): void {
    clearTimeout(this._timer);
    this._socket?.removeEventListener('message', this._onMessage);
    this._socket?.removeEventListener('close', this._onClose);
  }

  private readonly _onMessage = (event: MessageEvent<unknown>): void => {
    const reply = readSaveReply(event.data);
    if (reply !== null) {
      // From here on a lost connection changes nothing about the outcome.
      this._socket?.removeEventListener('close', this._onClose);
      this._reply = reply;
    }
  };

  private _onClose: () => void = () => undefined;
  private _reply: ISaveReply | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
