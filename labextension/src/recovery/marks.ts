import { diffWordsWithSpace } from 'diff';

/**
 * How long to look for the fewest changes of a text, in milliseconds.
 */
const PATIENCE = 100;

/**
 * A stretch of text and what became of it.
 */
export interface IMark {
  readonly kind: 'kept' | 'added' | 'removed';
  readonly text: string;
}

/**
 * Compare two texts word by word.
 *
 * @param before - the text as it was; `null` if there was none.
 * @param after - the text as it is; `null` if there is none.
 */
export function markChanges(
  before: string | null,
  after: string | null
): IMark[] {
  if (before !== null && after !== null) {
    const parts = diffWordsWithSpace(before, after, { timeout: PATIENCE });
    if (parts !== undefined) {
      return parts.map(({ added, removed, value }) => ({
        kind: added ? 'added' : removed ? 'removed' : 'kept',
        text: value
      }));
    }
  }
  const whole: IMark[] = [
    { kind: 'removed', text: before ?? '' },
    { kind: 'added', text: after ?? '' }
  ];
  return whole.filter(({ text }) => text !== '');
}
