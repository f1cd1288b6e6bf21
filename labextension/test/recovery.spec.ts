import { Dialog } from '@jupyterlab/apputils';

import none from '../../tests/contract/wire/recovery-none.json';
import offered from '../../tests/contract/wire/recovery.json';
import { ApiError, isRecovery } from '../src/api';
import { ask } from '../src/recovery/ask';
import { UNSEEN } from '../src/recovery/dialog';
import { markChanges } from '../src/recovery/marks';
import { RecoveryModel } from '../src/recovery/model';
import { newsOf } from '../src/recovery/news';
import { describeOffer } from '../src/recovery/words';
import type {
  IOffer,
  IRecoverySource,
  Recovery,
  RecoveryAction
} from '../src/tokens';
import { trans } from './support';

const OFFER = offered as IOffer;
const NONE: Recovery = none as Recovery;

/** A server that offers something, and notes the answers. */
class FakeSource implements IRecoverySource {
  recovery(): Promise<Recovery> {
    return Promise.resolve(this.offered);
  }

  settle(path: string, action: RecoveryAction, id: string): Promise<Recovery> {
    if (this.offered.available && this.offered.id === id) {
      this.answers.push([path, action, id]);
      this.offered = NONE;
      return Promise.resolve(this.offered);
    }
    return Promise.reject(
      new ApiError(409, 'not_offered', 'It was answered elsewhere.')
    );
  }

  offered: Recovery = OFFER;
  readonly answers: string[][] = [];
}

const rest = (milliseconds = 20): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, milliseconds));
const dialog = (): HTMLElement | null =>
  document.querySelector<HTMLElement>('.jp-CrdtAutosave-dialog');
const button = (label: string): HTMLElement => {
  const all = dialog()?.querySelectorAll<HTMLElement>('button') ?? [];
  const found = [...all].find(({ textContent }) => textContent === label);
  if (!found) {
    throw new Error(`There is no button ${label}`);
  }
  return found;
};

describe('the payload', () => {
  it('is what the server is held to as well', () => {
    expect(isRecovery(OFFER)).toBe(true);
    expect(isRecovery(NONE)).toBe(true);
    expect(isRecovery({ ...OFFER, id: null })).toBe(false);
    expect(isRecovery({ ...OFFER, changes: [{}] })).toBe(false);
  });

  it('comes as an event too', () => {
    const schema_id =
      'https://schema.jupyter.org/jupyter_crdt_autosave/recovery/v1';
    expect(newsOf({ schema_id, path: 'a', id: 'b' })).toEqual({
      path: 'a',
      id: 'b'
    });
    expect(newsOf({ schema_id, path: 'a', id: null })).toEqual({
      path: 'a',
      id: null
    });
    expect(newsOf({ schema_id: 'another', path: 'a', id: 'b' })).toBeNull();
  });
});

describe('the words', () => {
  it('say how much there is, and since when', () => {
    const text = describeOffer(OFFER, trans);
    expect(text.summary).toContain('cell');
    expect(text.times.map(({ at }) => at)).toContain(OFFER.file_modified);
    const other = describeOffer({ ...OFFER, source: 'checkpoint' }, trans);
    expect(other.restore).not.toBe(text.restore);
  });

  it('mark what was added and removed', () => {
    expect(markChanges('a b', 'a c')).toEqual([
      { kind: 'kept', text: 'a ' },
      { kind: 'removed', text: 'b' },
      { kind: 'added', text: 'c' }
    ]);
    expect(markChanges(null, 'new')).toEqual([{ kind: 'added', text: 'new' }]);
  });
});

describe('the dialog', () => {
  let source: FakeSource;
  let model: RecoveryModel;

  beforeEach(() => {
    source = new FakeSource();
    model = new RecoveryModel(source, 'nb.ipynb');
  });

  afterEach(() => {
    model.dispose();
    Dialog.flush();
  });

  it.each([
    ['Restore', 'restore'],
    ['Discard', 'discard']
  ])('answers with %s', async (label, action) => {
    const asked = ask(model, trans);
    await rest();
    button(label).click();
    expect(await asked).toBe(true);
    expect(source.answers).toEqual([['nb.ipynb', action, OFFER.id]]);
    expect(model.standing).toBeNull();
  });

  it('leaves everything as it is for later', async () => {
    const asked = ask(model, trans);
    await rest();
    button('Later').click();
    await asked;
    expect(source.answers).toEqual([]);
    expect(model.standing).toBe(OFFER.id);
  });

  it('is gone when somebody else answers', async () => {
    const asked = ask(model, trans);
    await rest();
    source.offered = NONE;
    model.hear(null);
    expect(await asked).toBe(true);
    expect(dialog()).toBeNull();
    expect(source.answers).toEqual([]);
  });

  it('shows what is offered now if that became something else', async () => {
    const asked = ask(model, trans);
    await rest();
    source.offered = { ...OFFER, id: 'another' };
    button('Discard').click();
    await rest();
    expect(dialog()?.textContent).toContain('has changed meanwhile');
    button('Restore').click();
    await asked;
    expect(source.answers).toEqual([['nb.ipynb', 'restore', 'another']]);
  });

  it('takes no key of somebody who was just typing for an answer', async () => {
    const asked = ask(model, trans);
    await rest();
    const press = (key: string): void => {
      const event = new KeyboardEvent('keydown', { bubbles: true, key });
      dialog()?.dispatchEvent(event);
    };
    ['Enter', 'Escape', ' '].forEach(press);
    await rest();
    expect(dialog()).not.toBeNull();
    await rest(UNSEEN);
    press('Escape');
    await asked;
    expect(source.answers).toEqual([]);
  });

  it('compares on request', async () => {
    const asked = ask(model, trans);
    await rest();
    button('Compare').click();
    await rest();
    const marks = dialog()?.querySelectorAll('li ins, li del') ?? [];
    expect(marks.length).toBeGreaterThan(0);
    button('Later').click();
    await asked;
  });
});
