import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Event, ServiceManager } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { FakeServer, json, KEPT } from './support';

/**
 * A notebook panel, as far as it is looked at.
 */
export class FakePanel {
  constructor(path: string) {
    this.context.path = path;
  }

  rename(path: string): void {
    this.context.path = path;
    this.context.pathChanged.emit(path);
  }

  readonly context = {
    path: '',
    pathChanged: new Signal<object, string>({})
  };
}

/**
 * An application, as far as it is looked at.
 */
export class FakeLab {
  /** Make a widget current, as a click on its tab does. */
  activate(widget: object | null): void {
    if (widget instanceof FakePanel) {
      this.trackerState.currentWidget = widget;
      this.panels.add(widget);
    }
    this.shellState.currentWidget = widget;
    this.currentChanged.emit();
    if (widget instanceof FakePanel) {
      this.trackerChanged.emit();
    }
  }

  /** Have the server send an event. */
  send(event: Event.Emission): void {
    this.stream.emit(event);
  }

  readonly server = new FakeServer(() => json(KEPT));
  readonly connectionFailure = new Signal<object, Error>({});
  private readonly panels = new Set<FakePanel>();
  private readonly currentChanged = new Signal<object, void>({});
  private readonly stream = new Signal<object, Event.Emission>({});
  private readonly trackerChanged = new Signal<object, void>({});
  private readonly shellState = {
    currentWidget: null as object | null,
    currentChanged: this.currentChanged
  };
  private readonly trackerState = {
    currentWidget: null as object | null,
    currentChanged: this.trackerChanged,
    find: (test: (panel: FakePanel) => boolean) => [...this.panels].find(test),
    forEach: (visit: (panel: FakePanel) => void) => this.panels.forEach(visit),
    widgetAdded: new Signal<object, FakePanel>({})
  };

  readonly services = {
    connectionFailure: this.connectionFailure,
    contents: {
      driveName: (path: string) =>
        path.includes(':') ? path.split(':')[0] : '',
      localPath: (path: string) => path.slice(path.indexOf(':') + 1)
    },
    events: { stream: this.stream },
    serverSettings: this.server.settings
  } as unknown as ServiceManager.IManager;
  readonly shell = this.shellState as unknown as JupyterFrontEnd.IShell;
  readonly tracker = this.trackerState as unknown as INotebookTracker;
  /** Have the application finish its start. */
  start: () => void = () => undefined;
  readonly app = {
    restored: new Promise<void>(resolve => (this.start = resolve)),
    serviceManager: this.services,
    shell: this.shell
  } as unknown as JupyterFrontEnd;
}
