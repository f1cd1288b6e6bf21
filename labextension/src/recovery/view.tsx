import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import type { IOffer } from '../tokens';
import { Comparison } from './comparison';
import type { INamedTime } from './words';
import { describeOffer } from './words';

/**
 * The id of what describes the dialog to screen readers.
 */
export const DESCRIPTION_ID = 'jp-CrdtAutosave-offerDescription';

/**
 * The class of the button that shows the comparison.
 */
export const COMPARE_CLASS = 'jp-CrdtAutosave-compare';

const COMPARISON_ID = 'jp-CrdtAutosave-comparison';

/**
 * Says what is offered, and compares it with the file on request.
 */
export class OfferBody extends ReactWidget {
  /**
   * Construct a body.
   *
   * @param offer - what is offered.
   * @param notice - what became of an earlier answer, if there was one.
   * @param trans - the words.
   */
  constructor(
    private readonly _offer: IOffer,
    private readonly _notice: string | null,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-CrdtAutosave-offer');
  }

  /**
   * Render the whole body.
   */
  protected override render(): React.ReactElement {
    return (
      <>
        {this._notice !== null && (
          <p className="jp-CrdtAutosave-notice" role="alert">
            {this._notice}
          </p>
        )}
        <Description offer={this._offer} trans={this._trans} />
        <Compare offer={this._offer} trans={this._trans} />
      </>
    );
  }
}

interface IOfferProps {
  readonly offer: IOffer;
  readonly trans: TranslationBundle;
}

function Description({ offer, trans }: IOfferProps): React.ReactElement {
  const text = describeOffer(offer, trans);
  return (
    <>
      <div id={DESCRIPTION_ID}>
        <p>{text.lead}</p>
        <p className="jp-CrdtAutosave-summary">{text.summary}</p>
      </div>
      <dl className="jp-CrdtAutosave-times">
        {text.times.map(time => (
          <Moment key={time.name} time={time} />
        ))}
      </dl>
      <dl className="jp-CrdtAutosave-choices">
        <dt>{trans.__('Restore')}</dt>
        <dd>{text.restore}</dd>
        <dt>{trans.__('Discard')}</dt>
        <dd>{text.discard}</dd>
        <dt>{trans.__('Later')}</dt>
        <dd>{text.later}</dd>
      </dl>
    </>
  );
}

function Moment(props: { readonly time: INamedTime }): React.ReactElement {
  const { at, exact, name, relative } = props.time;
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <time dateTime={at} title={exact}>
          {relative}
        </time>
      </dd>
    </>
  );
}

function Compare({ offer, trans }: IOfferProps): React.ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        aria-controls={isOpen ? COMPARISON_ID : undefined}
        aria-expanded={isOpen}
        className={`${COMPARE_CLASS} jp-mod-styled`}
        onClick={() => setOpen(!isOpen)}
        type="button"
      >
        {isOpen ? trans.__('Hide comparison') : trans.__('Compare')}
      </button>
      {isOpen && (
        <Comparison changes={offer.changes} id={COMPARISON_ID} trans={trans} />
      )}
    </>
  );
}
