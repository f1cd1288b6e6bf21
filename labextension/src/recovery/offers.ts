import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Event, ServiceManager } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { IRecoverySource } from '../tokens';
import { RecoveryDesk } from './desk';
import { RecoveryModel } from './model';
import { newsOf } from './news';
import { Typing } from './typing';

/**
 * The recovered work of all open notebooks.
 */
export class RecoveryOffers implements IDisposable {
  /**
   * Construct offers for every notebook that is open, or will be.
   */
  constructor(options: RecoveryOffers.IOptions) {
    this._services = options.services;
    this._source = options.source;
    this._tracker = options.tracker;
    this._trans = options.trans;
    this._services.events.stream.connect(this._onEvent, this);
    this._tracker.widgetAdded.connect(this._onWidgetAdded, this);
    this._tracker.forEach(panel => this._onWidgetAdded(this._tracker, panel));
  }

  /**
   * Whether the offers are disposed.
   */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Offer nothing any more.
   */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._services.events.stream.disconnect(this._onEvent, this);
    this._tracker.widgetAdded.disconnect(this._onWidgetAdded, this);
    this._desks.forEach(desk => desk.dispose());
    this._desks.clear();
    this._typing.dispose();
  }

  /**
   * The desk of the current notebook, if work waits there.
   */
  get waiting(): RecoveryDesk | null {
    const panel = this._tracker.currentWidget;
    const desk = panel === null ? undefined : this._desks.get(panel);
    return desk?.model.standing === null ? null : (desk ?? null);
  }

  private _onWidgetAdded(_: INotebookTracker, panel: NotebookPanel): void {
    const { contents } = this._services;
    if (contents.driveName(panel.context.path) !== '') {
      // Not a file of the server.
      return;
    }
    const model = new RecoveryModel(this._source, panel.context.path);
    const desk = new RecoveryDesk({
      model,
      panel,
      trans: this._trans,
      typing: this._typing
    });
    this._desks.set(panel, desk);
    panel.context.pathChanged.connect((_, path) => {
      model.path = path;
    });
    panel.disposed.connect(() => {
      desk.dispose();
      this._desks.delete(panel);
    });
  }

  private _onEvent(_: Event.IManager, emission: Event.Emission): void {
    const news = newsOf(emission);
    if (news !== null) {
      for (const { model } of this._desks.values()) {
        if (model.path === news.path) {
          model.hear(news.id);
        }
      }
    }
  }

  private readonly _desks = new Map<NotebookPanel, RecoveryDesk>();
  private readonly _services: ServiceManager.IManager;
  private readonly _source: IRecoverySource;
  private readonly _tracker: INotebookTracker;
  private readonly _trans: TranslationBundle;
  private readonly _typing = new Typing();
  private _isDisposed = false;
}

/**
 * A namespace for `RecoveryOffers` statics.
 */
export namespace RecoveryOffers {
  /**
   * The options of offers. Nothing of it becomes the offers' own.
   */
  export interface IOptions {
    /**
     * The services of the application.
     */
    services: ServiceManager.IManager;

    /**
     * Whoever knows of recovered work.
     */
    source: IRecoverySource;

    /**
     * The notebooks.
     */
    tracker: INotebookTracker;

    /**
     * The words.
     */
    trans: TranslationBundle;
  }
}
