import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { conflictPlugin } from './conflict';
import { outsidePlugin } from './outside';
import { recoveryPlugin } from './recovery/plugin';
import { savingPlugin } from './saving/plugin';
import { statusPlugin } from './status/plugin';
import { wishesPlugin } from './wishes';

const plugins: JupyterFrontEndPlugin<void>[] = [
  statusPlugin,
  savingPlugin,
  conflictPlugin,
  outsidePlugin,
  recoveryPlugin,
  wishesPlugin
];

export default plugins;
