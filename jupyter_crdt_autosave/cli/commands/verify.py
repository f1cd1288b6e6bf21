"""`verify`: whether all that is kept can be read."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from ...errors import ArchiveUnavailable, FormatTooNew
from ...storage.archive import archive_in, path_in
from ...storage.checking import Check, verify
from ..catalogue import documents
from ..checking import Finding, check_document, check_leftovers, check_pointers
from ..session import Session
from ..words import count, place, plain, size

HELP = "check that all that is kept can be read; changes nothing"


def run(session: Session, arguments: Namespace) -> int:
    """Check the whole store; 1 if anything is wrong."""
    every = documents(session.disk, session.store)
    findings: list[Finding] = []
    for about in session.screen.each("Checking journals", every):
        findings += check_document(session.disk, session.store, about)
    findings += check_pointers(session.disk, session.store, every)
    archive, wrong = _check_archive(session)
    findings += wrong
    with closing(archive_in(session.store.root)) as there:
        findings += check_leftovers(there.damaged())
    faults = sum(finding.fault for finding in findings)
    answer: dict[str, Any] = {
        "sound": not faults,
        "documents": len(every),
        "archive": _told(archive) if archive else None,
        "findings": [finding.to_json() for finding in findings],
    }
    session.screen.answer(answer, *_lines(len(every), archive, findings, faults))
    return 1 if faults else 0


def _check_archive(session: Session) -> tuple[Check | None, list[Finding]]:
    path = path_in(session.store.root)

    def progress(done: int, total: int) -> None:
        session.screen.progress("Checking the archive", done, total)

    try:
        check = verify(session.store.root, progress)
    except (ArchiveUnavailable, FormatTooNew) as error:
        return None, [Finding("archive", path, str(error))]
    return check, [
        Finding("archive", f"{path}:{each.table}:{each.number or ''}".rstrip(":"), _text(each))
        for each in check.findings
    ]


def _text(finding: Any) -> str:
    if not finding.versions:
        return str(finding.message)
    return f"{finding.message} Versions that cannot be shown: {', '.join(finding.versions)}."


def _told(check: Check) -> dict[str, int]:
    return {
        "versions": check.versions,
        "contents": check.contents,
        "parts": check.parts,
        "size": check.size,
    }


def _lines(
    number: int, archive: Check | None, findings: list[Finding], faults: int
) -> Iterator[str]:
    for finding in findings:
        sign = "wrong" if finding.fault else "note"
        yield f"{sign}: {place(finding.where)}: {plain(finding.message)}"
    kept = "an archive that could not be checked"
    if archive is not None:
        kept = f"{count(archive.versions, 'version')} in {size(archive.size)}"
    yield f"{count(number, 'document')}, {kept}: " + (
        f"{count(faults, 'fault')}." if faults else "all can be read."
    )
