"""Multi-line strings: one string in memory, a list of lines in most files."""

from __future__ import annotations

from typing import Any

_BUNDLES = frozenset({"execute_result", "display_data"})
_SPLIT_MIMES = frozenset({"application/javascript", "image/svg+xml"})


def join(value: Any) -> Any:
    """Give the string that a list of strings stands for; anything else as it is."""
    return "".join(value) if is_lines(value) else value


def is_lines(value: Any) -> bool:
    """Tell whether a value is a list of strings."""
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def join_bundle(bundle: Any) -> Any:
    """Join the texts of a mime bundle; JSON mime types may really mean a list."""
    if not isinstance(bundle, dict):
        return bundle
    return {mime: data if _is_json(mime) else join(data) for mime, data in bundle.items()}


def _is_json(mime: str) -> bool:
    structured = mime.startswith("application/") and mime.endswith("+json")
    return structured or mime == "application/json"


def join_output(output: dict[str, Any]) -> dict[str, Any]:
    """Give an output of a file as it is in memory, sharing what did not change."""
    kind = output.get("output_type")
    if is_bundle(kind):
        return {**output, "data": join_bundle(output["data"])} if "data" in output else output
    if kind == "stream":
        return {**output, "text": join(output.get("text")) or ""}
    return {**output, "text": join(output["text"])} if kind and "text" in output else output


def is_bundle(output_type: Any) -> bool:
    """Tell whether outputs of this type hold a mime bundle as ``data``."""
    return isinstance(output_type, str) and output_type in _BUNDLES


def split_cell(cell: dict[str, Any]) -> dict[str, Any]:
    """Give a cell as nbformat writes it: long texts as lists of lines. Never raises."""
    made = {**cell, "source": _split(cell["source"])} if "source" in cell else dict(cell)
    if isinstance(cell.get("attachments"), dict):
        attachments = cell["attachments"].items()
        made["attachments"] = {name: _split_bundle(bundle) for name, bundle in attachments}
    if cell.get("cell_type") == "code" and isinstance(cell.get("outputs"), list):
        made["outputs"] = [_split_output(output) for output in cell["outputs"]]
    return made


def _split(value: Any) -> Any:
    return value.splitlines(True) if isinstance(value, str) else value


def _split_output(output: Any) -> Any:
    if not isinstance(output, dict):
        return output
    kind = output.get("output_type")
    if is_bundle(kind) and "data" in output:
        return {**output, "data": _split_bundle(output["data"])}
    if kind == "stream" and "text" in output:
        return {**output, "text": _split(output["text"])}
    return output


def _split_bundle(bundle: Any) -> Any:
    if not isinstance(bundle, dict):
        return bundle
    return {mime: _split(data) if _is_text(mime) else data for mime, data in bundle.items()}


def _is_text(mime: str) -> bool:
    return mime.startswith("text/") or mime in _SPLIT_MIMES


def resplit(found: list[str], old: str, new: str) -> list[str]:
    """Split a changed text the way in which the file had split it.

    Args:
        found: The strings that the file has.
        old: What they were joined to.
        new: The text now.
    """
    for split in (_python_lines, _newline_lines, _newline_lines_and_rest):
        if split(old) == found:
            return split(new)
    return _respliced(found, new) if "".join(found) == old else _python_lines(new)


def _python_lines(text: str) -> list[str]:
    return text.splitlines(True)


def _newline_lines(text: str) -> list[str]:
    lines = _newline_lines_and_rest(text)
    return lines if lines[-1] else lines[:-1]


def _newline_lines_and_rest(text: str) -> list[str]:
    *lines, rest = text.split("\n")
    return [*(line + "\n" for line in lines), rest]


def _respliced(found: list[str], new: str) -> list[str]:
    """Keep the strings before and after the change, of strings that are no lines."""
    first, last = _changed(found, new)
    if first == last and _continues(found, first):
        first -= 1
    elif first == last < len(found):
        last += 1
    start = len("".join(found[:first]))
    end = len(new) - len("".join(found[last:]))
    between = _like(found[first:last], new[start:end])
    return [*found[:first], *between, *found[last:]]


def _changed(found: list[str], new: str) -> tuple[int, int]:
    """Find which strings a change is in: those between the two places."""
    start, first = 0, 0
    while first < len(found) and new.startswith(found[first], start):
        start += len(found[first])
        first += 1
    end, last = len(new), len(found)
    while last > first and new.endswith(found[last - 1], start, end):
        end -= len(found[last - 1])
        last -= 1
    return first, last


def _continues(found: list[str], place: int) -> bool:
    """Tell whether what is inserted at a place belongs to the string before: no line ends there."""
    return place > 0 and found[place - 1][-1:].splitlines() != [""]


def _like(found: list[str], new: str) -> list[str]:
    """Split a text into lines, but not if it takes the place of one string that was not split."""
    wanted = _python_lines(new)
    if len(found) != 1:
        return wanted
    had = len(_python_lines(found[0]))
    return [new] if had > 1 or had == len(wanted) else wanted
