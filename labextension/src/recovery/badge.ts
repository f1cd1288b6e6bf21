import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { historyIcon, ToolbarButton } from '@jupyterlab/ui-components';

/**
 * The name of the button among the items of the toolbar.
 */
const NAME = 'crdt-autosave-recovered-work';

/**
 * The item of the notebook's toolbar behind the commands for cells.
 */
const NEIGHBOUR = 'spacer';

/**
 * Put a button that leads to recovered work into a notebook's toolbar.
 *
 * @returns the button; it leaves the toolbar when it is disposed.
 */
export function addBadge(
  panel: NotebookPanel,
  trans: TranslationBundle,
  onClick: () => void
): ToolbarButton {
  const badge = new ToolbarButton({
    className: 'jp-CrdtAutosave-badge',
    icon: historyIcon,
    label: trans.__('Recovered work…'),
    onClick,
    tooltip: trans.__(
      'This notebook has recovered work that waits to be restored or discarded.'
    )
  });
  panel.toolbar.insertBefore(NEIGHBOUR, NAME, badge);
  return badge;
}
