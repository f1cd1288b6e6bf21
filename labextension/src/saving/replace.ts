import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';

/**
 * Put another method in the place of one of an object, until disposed.
 *
 * #### Notes
 * If somebody else has replaced the method in the meantime, it is left to them.
 */
export function replaceMethod<T extends object, K extends keyof T>(
  target: T,
  name: K,
  method: T[K]
): IDisposable {
  const original = target[name];
  const wasOwn = Object.prototype.hasOwnProperty.call(target, name);
  target[name] = method;
  return new DisposableDelegate(() => {
    if (target[name] !== method) {
      return;
    }
    if (wasOwn) {
      target[name] = original;
    } else {
      Reflect.deleteProperty(target, name);
    }
  });
}
