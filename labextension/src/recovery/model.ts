import { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { ApiError } from '../api';
import type {
  IOffer,
  IRecoverySource,
  Recovery,
  RecoveryAction
} from '../tokens';
import { within } from '../within';

/**
 * How long the server may take: to restore is to write the file, too.
 */
const ANSWER_TIMEOUT = 60_000;

/**
 * Knows what waits for an answer in one notebook.
 */
export class RecoveryModel implements IDisposable {
  /**
   * Construct a model that knows of nothing yet.
   *
   * @param source - whom to ask.
   * @param path - the path of the notebook on the server.
   */
  constructor(
    private readonly _source: IRecoverySource,
    public path: string
  ) {}

  /**
   * Emitted when something else waits, or nothing any more.
   */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * The id of what waits for an answer; `null` if nothing does.
   */
  get standing(): string | null {
    return this._standing;
  }

  /**
   * Whether the model is disposed.
   */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Nothing waits here any more.
   */
  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._stand(null);
      Signal.clearData(this);
    }
  }

  /**
   * Take note of what waits from now on, as the server told by itself.
   */
  hear(id: string | null): void {
    this._turn++;
    this._stand(id);
  }

  /**
   * Look at what waits.
   *
   * @returns the offer, `null` if there is none.
   */
  async look(): Promise<IOffer | null> {
    let found: Recovery;
    let turn: number;
    do {
      turn = this._turn;
      found = await this._within(this._source.recovery(this.path));
      // What the server told meanwhile may be newer than its answer.
    } while (turn !== this._turn);
    return this._take(found);
  }

  /**
   * Answer an offer.
   *
   * @returns whether it was settled by that; if not, it is not what waits any more.
   */
  async settle(action: RecoveryAction, id: string): Promise<boolean> {
    try {
      const answer = this._source.settle(this.path, action, id);
      this._take(await this._within(answer));
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'not_offered') {
        return false;
      }
      throw error;
    }
  }

  private _take(found: Recovery): IOffer | null {
    const offer = found.available && !this._isDisposed ? found : null;
    this._stand(offer && offer.id);
    return offer;
  }

  private _stand(id: string | null): void {
    const next = this._isDisposed ? null : id;
    if (next !== this._standing) {
      this._standing = next;
      this._changed.emit();
    }
  }

  private _within<T>(answer: Promise<T>): Promise<T> {
    return within(answer, ANSWER_TIMEOUT, unreachable);
  }

  private readonly _changed = new Signal<this, void>(this);
  private _isDisposed = false;
  private _standing: string | null = null;
  private _turn = 0;
}

/**
 * A server that does not answer is like one that is not there.
 */
function unreachable(): Error {
  return new ServerConnection.NetworkError(new TypeError('timeout'));
}
