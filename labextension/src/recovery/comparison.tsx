import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo, useState } from 'react';

import type { ICellChange } from '../tokens';
import type { IMark } from './marks';
import { markChanges } from './marks';
import { describeChange } from './words';

/**
 * How many cells are shown at once.
 */
const PAGE = 50;

interface IComparisonProps {
  readonly changes: readonly ICellChange[];
  readonly id: string;
  readonly trans: TranslationBundle;
}

/**
 * The cells that differ, one below the other, with their changes marked.
 */
export function Comparison(props: IComparisonProps): React.ReactElement {
  const { changes, id, trans } = props;
  const [shown, setShown] = useState(PAGE);
  const more = changes.length - shown;
  return (
    <section
      aria-label={trans.__('Comparison of the file with the recovered work')}
      className="jp-CrdtAutosave-comparison"
      id={id}
      tabIndex={0}
    >
      <p>
        {trans.__('From the file to the recovered work:')}{' '}
        <del>{trans.__('only in the file')}</del>{' '}
        <ins>{trans.__('only in the recovered work')}</ins>
      </p>
      <ol>
        {changes.slice(0, shown).map((change, index) => (
          <Change change={change} key={index} trans={trans} />
        ))}
      </ol>
      {more > 0 && (
        <button
          className="jp-mod-styled"
          onClick={() => setShown(shown + PAGE)}
          type="button"
        >
          {trans._n('Show %1 more cell', 'Show %1 more cells', more)}
        </button>
      )}
    </section>
  );
}

interface IChangeProps {
  readonly change: ICellChange;
  readonly trans: TranslationBundle;
}

function Change({ change, trans }: IChangeProps): React.ReactElement {
  const { notes, title } = describeChange(change, trans);
  const marks = useMemo(
    () =>
      markChanges(change.before?.source ?? null, change.after?.source ?? null),
    [change]
  );
  return (
    <li>
      <h3>{title}</h3>
      {notes.map(note => (
        <p key={note}>{note}</p>
      ))}
      <pre>
        {marks.map((mark, index) => (
          <Mark key={index} mark={mark} trans={trans} />
        ))}
      </pre>
    </li>
  );
}

interface IMarkProps {
  readonly mark: IMark;
  readonly trans: TranslationBundle;
}

/**
 * A stretch of text; what screen readers do not say of its mark is said in words.
 */
function Mark({ mark, trans }: IMarkProps): React.ReactElement {
  switch (mark.kind) {
    case 'kept':
      return <span>{mark.text}</span>;
    case 'added':
      return (
        <ins>
          <Spoken>{trans.__('added:')}</Spoken>
          {mark.text}
          <Spoken>{trans.__('end of what was added')}</Spoken>
        </ins>
      );
    case 'removed':
      return (
        <del>
          <Spoken>{trans.__('removed:')}</Spoken>
          {mark.text}
          <Spoken>{trans.__('end of what was removed')}</Spoken>
        </del>
      );
  }
}

function Spoken(props: { readonly children: string }): React.ReactElement {
  return <span className="jp-CrdtAutosave-spoken"> {props.children} </span>;
}
