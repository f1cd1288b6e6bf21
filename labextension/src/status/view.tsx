import { TextItem } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  checkIcon,
  errorIcon,
  historyIcon,
  type LabIcon,
  offlineBoltIcon,
  ReactWidget
} from '@jupyterlab/ui-components';
import React from 'react';

import type { StatusModel } from './model';
import type { Standing } from './standing';
import { describe } from './text';

const ITEM_CLASS = 'jp-CrdtAutosave-item';
const NOT_KEPT_CLASS = 'jp-CrdtAutosave-notKept';
const WARNING_CLASS = 'jp-CrdtAutosave-warning';

/**
 * Shows in the status bar whether the edits of the current notebook are kept.
 */
export class StatusItem extends ReactWidget {
  /**
   * Construct an item over a model, which stays the caller's to dispose.
   */
  constructor(
    private readonly _model: StatusModel,
    private readonly _trans: TranslationBundle,
    private readonly _onClick: (standing: Standing) => void
  ) {
    super();
    this.addClass(ITEM_CLASS);
    this.node.setAttribute('role', 'status');
    this.node.setAttribute('aria-live', 'polite');
    this.node.addEventListener('click', this._onNodeClick);
    this._model.stateChanged.connect(this._onStateChanged, this);
    this._onStateChanged();
  }

  /**
   * Let go of the model.
   */
  override dispose(): void {
    if (!this.isDisposed) {
      this._model.stateChanged.disconnect(this._onStateChanged, this);
      this.node.removeEventListener('click', this._onNodeClick);
    }
    super.dispose();
  }

  /**
   * Render an icon beside the words.
   */
  protected override render(): React.ReactElement | null {
    const { standing } = this._model;
    const text = describe(standing, this._trans);
    if (text === null) {
      return null;
    }
    const icon = iconFor(standing);
    return (
      <>
        <span aria-hidden="true">
          <icon.react tag={null} stylesheet="statusBar" />
        </span>
        <TextItem source={text.label} />
      </>
    );
  }

  private readonly _onNodeClick = (): void => {
    this._onClick(this._model.standing);
  };

  private _onStateChanged(): void {
    const { standing } = this._model;
    const text = describe(standing, this._trans);
    // The label is repeated because a long one is cut off in the status bar.
    this.node.title = text ? `${text.label}\n${text.details}` : '';
    this.toggleClass(WARNING_CLASS, standing.kind === 'export-error');
    this.toggleClass(NOT_KEPT_CLASS, isAlarm(standing));
    this.update();
  }
}

function isAlarm(standing: Standing): boolean {
  return standing.kind === 'not-kept' || standing.kind === 'unreachable';
}

function iconFor(standing: Standing): LabIcon {
  if (isAlarm(standing)) {
    return offlineBoltIcon;
  }
  if (standing.kind === 'offer') {
    return historyIcon;
  }
  return standing.kind === 'export-error' ? errorIcon : checkIcon;
}
