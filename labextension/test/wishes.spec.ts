import type { INotebookTracker } from '@jupyterlab/notebook';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';

import schema from '../schema/plugin.json';
import { Wishes, wishOf } from '../src/wishes';

/**
 * A notebook panel, as far as it is told anything.
 */
class Panel {
  readonly told: unknown[] = [];
  readonly context = {
    model: {
      sharedModel: {
        awareness: {
          setLocalStateField: (key: string, value: unknown) =>
            this.told.push([key, value])
        }
      }
    }
  };
}

describe('wishOf', () => {
  it.each([
    [{}, {}],
    [{ interval: null, target: 'server' }, {}],
    [
      { interval: 1, target: 'checkpoint' },
      { interval: 1, target: 'checkpoint' }
    ],
    [
      { interval: 30.5, target: 'notebook' },
      { interval: 30.5, target: 'notebook' }
    ],
    [{ interval: 0.5, target: 'nowhere' }, {}],
    [{ interval: NaN }, {}],
    [{ interval: '5' }, {}]
  ])('makes of %j %j', (settings, wish) => {
    expect(wishOf(settings)).toEqual(wish);
  });

  it('leaves everything to the server by default', () => {
    const { interval, target } = schema.properties;
    expect(
      wishOf({ interval: interval.default, target: target.default })
    ).toEqual({});
  });
});

describe('Wishes', () => {
  it('tells each notebook what the settings say, and what they say then', () => {
    const first = new Panel();
    const second = new Panel();
    const panels = [first];
    const widgetAdded = new Signal<object, Panel>({});
    const changed = new Signal<object, void>({});
    const settings = { changed, composite: { interval: 5 } as object };
    const wishes = new Wishes(
      {
        forEach: (tell: (panel: Panel) => void) => panels.forEach(tell),
        widgetAdded
      } as unknown as INotebookTracker,
      settings as unknown as ISettingRegistry.ISettings
    );
    panels.push(second);
    widgetAdded.emit(second);
    settings.composite = { target: 'checkpoint' };
    changed.emit();
    wishes.dispose();
    changed.emit();
    expect(wishes.isDisposed).toBe(true);
    for (const { told } of panels) {
      expect(told).toEqual([
        ['crdt_autosave', { interval: 5 }],
        ['crdt_autosave', { target: 'checkpoint' }]
      ]);
    }
  });
});
