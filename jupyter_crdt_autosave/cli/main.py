"""``jupyter crdt-autosave``: the command line, and what its exit codes say."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from textwrap import dedent
from typing import Any

from ..errors import AutosaveError
from .commands import ALL
from .configuration import read_configuration
from .screen import Screen
from .session import Session

_ABOUT = """
    What jupyter_crdt_autosave keeps of your notebooks, without JupyterLab. All of it can be used
    beside running servers. Notebooks are named by their paths; those whose file is gone by the ids
    that `list` shows.
"""
_AFTER = """
    exit codes: 0 done; 1 something is wrong, or was refused: the message says what and what to do;
    2 the command makes no sense; 130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    chosen = parser().parse_args(arguments)
    screen = Screen(chosen.json)
    try:
        config, settings = read_configuration(chosen.config, chosen.store)
        return int(chosen.run(Session(config, settings, screen), chosen))
    except AutosaveError as error:
        return _failed(screen, error.reason, str(error))
    except BrokenPipeError:
        # Whoever reads the answer has seen enough. Nothing may be written when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _failed(screen, "storage", f"{error}. See that the disk can be read and written.")
    except KeyboardInterrupt:
        screen.tell("Interrupted.")
        return 130


def parser() -> argparse.ArgumentParser:
    """What the command line takes."""
    top = argparse.ArgumentParser(
        prog="jupyter crdt-autosave",
        description=dedent(_ABOUT),
        epilog=dedent(_AFTER),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.set_defaults(store=None, config=None, json=False)
    # For each command, so that they may stand behind it; there they say nothing unless given.
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    for each in (top, common):
        _add_common(each)
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for name, command in ALL.items():
        _add_command(commands, common, name, command)
    return top


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--store",
        "--CRDTAutosave.store_path",
        metavar="FOLDER",
        help="the store, if it is not the one that your Jupyter configuration names",
    )
    parser.add_argument("--config", metavar="FILE", help="the --config of your server")
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def _add_command(commands: Any, common: argparse.ArgumentParser, name: str, command: Any) -> None:
    inner = commands.add_parser(
        name, help=command.HELP, description=_sentence(command.HELP), parents=[common]
    )
    if hasattr(command, "arguments"):
        command.arguments(inner)
    inner.set_defaults(run=command.run)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _failed(screen: Screen, reason: str, message: str) -> int:
    if screen.as_json:
        screen.answer({"message": message, "reason": reason})
    screen.tell(message)
    return 1
