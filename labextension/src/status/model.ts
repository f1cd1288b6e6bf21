import { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { INotebookLink, IStatusSource } from '../tokens';
import { within } from '../within';
import type { Standing } from './standing';
import { CALM_DELAY, delayAfter, judge, judgeFailure } from './standing';

/**
 * How long an answer may take before the server counts as unreachable.
 */
const ANSWER_TIMEOUT = 10_000;

const HIDDEN: Standing = { kind: 'hidden' };

/**
 * Knows how things stand with one notebook at a time.
 */
export class StatusModel implements IDisposable {
  /**
   * Construct a model that asks nothing before it is given a path.
   */
  constructor(options: StatusModel.IOptions) {
    this._source = options.source;
    this._link = options.link;
    this._link.changed.connect(this.refresh, this);
    this._poll = new Poll<void, unknown>({
      auto: false,
      factory: () => this._ask(),
      frequency: { backoff: false, interval: CALM_DELAY, max: CALM_DELAY },
      name: 'jupyter-crdt-autosave:status',
      standby: 'when-hidden'
    });
  }

  /**
   * Emitted when the standing may have changed.
   */
  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  /**
   * Whether the model is disposed.
   */
  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  /**
   * What there is to say about the notebook.
   */
  get standing(): Standing {
    return this._standing;
  }

  /**
   * The path of the notebook on the server, or `null` to rest.
   */
  get path(): string | null {
    return this._path;
  }
  set path(path: string | null) {
    if (path === this._path || this.isDisposed) {
      return;
    }
    this._path = path;
    this._turn++;
    this._outcome = null;
    this._show(HIDDEN);
    if (path === null) {
      void this._poll.stop();
    } else {
      this.refresh();
    }
  }

  /**
   * Ask soon, without waiting for the next turn.
   */
  refresh(): void {
    if (this._path !== null && !this.isDisposed) {
      // Not `refresh()` of the poll: it does nothing while a question is under
      // way, whose answer may be older than the reason to ask again.
      void this._poll.schedule({
        interval: Poll.IMMEDIATE,
        phase: 'refreshed'
      });
    }
  }

  /**
   * Stop asking.
   */
  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._turn++;
    this._link.changed.disconnect(this.refresh, this);
    this._poll.dispose();
    Signal.clearData(this);
  }

  private async _ask(): Promise<void> {
    const path = this._path;
    if (path === null) {
      return;
    }
    const turn = ++this._turn;
    const standing = await this._inquire(path);
    if (turn === this._turn) {
      this._settle(standing);
    }
  }

  private async _inquire(path: string): Promise<Standing> {
    if (this._link.isDown(path)) {
      return { kind: 'unreachable' };
    }
    const answer = this._source.status(path);
    return within(answer, ANSWER_TIMEOUT, unreachable).then(
      judge,
      judgeFailure
    );
  }

  private _settle(standing: Standing): void {
    this._repeats = standing.kind === this._outcome ? this._repeats + 1 : 0;
    this._outcome = standing.kind;
    this._poll.frequency = {
      ...this._poll.frequency,
      interval: delayAfter(standing, this._repeats)
    };
    this._show(standing);
  }

  private _show(standing: Standing): void {
    this._standing = standing;
    this._stateChanged.emit();
  }

  private readonly _link: INotebookLink;
  private readonly _poll: Poll<void, unknown>;
  private readonly _source: IStatusSource;
  private readonly _stateChanged = new Signal<this, void>(this);
  private _outcome: Standing['kind'] | null = null;
  private _path: string | null = null;
  private _repeats = 0;
  private _standing: Standing = HIDDEN;
  private _turn = 0;
}

/**
 * A namespace for `StatusModel` statics.
 */
export namespace StatusModel {
  /**
   * The options of a status model.
   */
  export interface IOptions {
    /**
     * Whom to ask.
     */
    source: IStatusSource;

    /**
     * The connection of the notebooks; it stays the caller's to dispose.
     */
    link: INotebookLink;
  }
}

/**
 * A server that does not answer is like one that is not there.
 */
function unreachable(): Error {
  return new ServerConnection.NetworkError(new TypeError('timeout'));
}
