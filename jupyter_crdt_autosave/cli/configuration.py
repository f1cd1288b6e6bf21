"""The configuration, read from the files that a server reads."""

from __future__ import annotations

from jupyter_core.application import JupyterApp
from traitlets import TraitError
from traitlets.config import Application, Config

from ..config import CRDTAutosave
from ..errors import ConfigurationUnusable
from ..model import Settings

_NAMES = ("jupyter_config", "jupyter_notebook_config", "jupyter_lab_config")
"""The files of which a server takes the settings, beside its own, which come last."""


class _Files(JupyterApp):
    """Only reads: no folder is made, and no command line parsed."""

    name = "jupyter-crdt-autosave"
    raise_config_file_errors = True

    def read(self, chosen: str | None) -> Config:
        """All settings; `chosen` is the file that the server was given as ``--config``."""
        folders = self.config_file_paths
        names = [*_NAMES, *(() if chosen else ("jupyter_server_config",))]
        for name in names:
            Application.load_config_file(self, name, path=folders)
        if chosen:
            Application.load_config_file(self, chosen)
        return self.config


def read_configuration(chosen: str | None, store: str | None) -> tuple[Config, Settings]:
    """The configuration, and what of it is ours.

    Args:
        chosen: The file that the server is started with; None: the usual ones.
        store: The folder of the store; None: the configured one.

    Raises:
        ConfigurationUnusable: it cannot be read, or has a bad value.
    """
    try:
        config = _Files().read(chosen)
        if store is not None:
            config.CRDTAutosave.store_path = store
        return config, CRDTAutosave(config=config).settings()
    except TraitError as error:
        raise ConfigurationUnusable(f"The configuration has a bad value: {error}") from error
    except Exception as error:
        # They are programs, and may fail in any way. To go on would be to look into another store.
        raise ConfigurationUnusable(
            f"The configuration cannot be read: {error}. Mend the file, or name the store with "
            "--store and a sound file with --config."
        ) from error
