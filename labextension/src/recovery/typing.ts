import type { IDisposable } from '@lumino/disposable';

/**
 * How long nobody must have pressed a key to count as not typing, in milliseconds.
 */
export const PAUSE = 1_000;

/**
 * Knows whether somebody is typing.
 */
export class Typing implements IDisposable {
  /**
   * Construct an object that watches the keyboard until it is disposed.
   */
  constructor() {
    document.addEventListener('keydown', this._onKeydown, true);
  }

  /**
   * Whether this is disposed.
   */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Let go of the keyboard; who waits for a pause waits for ever.
   */
  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    document.removeEventListener('keydown', this._onKeydown, true);
  }

  /**
   * Wait until nobody types.
   */
  pause(): Promise<void> {
    return this._timer === undefined
      ? Promise.resolve()
      : new Promise(resolve => this._waiting.push(resolve));
  }

  private readonly _onKeydown = (): void => {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      this._timer = undefined;
      this._waiting.splice(0).forEach(resolve => resolve());
    }, PAUSE);
  };

  private readonly _waiting: (() => void)[] = [];
  private _isDisposed = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
