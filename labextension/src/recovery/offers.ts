import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Event, ServiceManager } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { IRecoverySource } from '../tokens';
import { RecoveryDesk } from './desk';
import { RecoveryModel } from './model';
import { newsOf } from './news';
import { Typing } from './typing';

type DocumentContext = DocumentRegistry.IContext<DocumentRegistry.IModel>;

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
    Signal.clearData(this);
    this._desks.forEach(desk => desk.dispose());
    this._desks.clear();
    this._typing.dispose();
  }

  /**
   * The desk of the current notebook.
   */
  get current(): RecoveryDesk | null {
    const context = this._tracker.currentWidget?.context;
    return (context && this._desks.get(context)) ?? null;
  }

  private _onWidgetAdded(_: INotebookTracker, panel: NotebookPanel): void {
    const { context } = panel;
    const isLocal = this._services.contents.driveName(context.path) === '';
    // A notebook may be shown in two panels, and is not always a file of the server.
    if (!isLocal || this._desks.has(context)) {
      return;
    }
    const model = new RecoveryModel(this._source, context.path);
    const desk = new RecoveryDesk({
      model,
      panel,
      trans: this._trans,
      typing: this._typing
    });
    this._desks.set(context, desk);
    context.pathChanged.connect(this._onPathChanged, this);
    panel.disposed.connect(this._onPanelDisposed, this);
  }

  private _onPathChanged(context: DocumentContext, path: string): void {
    const desk = this._desks.get(context);
    if (desk !== undefined) {
      desk.model.path = path;
    }
  }

  private _onPanelDisposed(panel: NotebookPanel): void {
    for (const [context, desk] of this._desks) {
      if (desk.panel === panel) {
        context.pathChanged.disconnect(this._onPathChanged, this);
        desk.dispose();
        this._desks.delete(context);
      }
    }
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

  private readonly _desks = new Map<DocumentContext, RecoveryDesk>();
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
