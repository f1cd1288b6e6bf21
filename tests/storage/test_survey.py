"""What is noted of a document so that it can be listed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_crdt_autosave.storage.about import About, decode_about, encode_about
from jupyter_crdt_autosave.storage.survey import Survey, stamp_of

CONTENT = {"cells": [{"source": " \n"}, {"source": "text"}]}
SURVEY = Survey("2026-01-02T03:04:05.678Z", 2, False, "00000001-0123456789abcdef.journal:7")


def test_a_survey_tells_how_many_cells_there_are_and_whether_any_has_text() -> None:
    made = Survey.of(CONTENT, SURVEY.modified, SURVEY.stamp)
    assert made == SURVEY
    assert Survey.of({"cells": CONTENT["cells"][:1]}, None, "") == Survey("", 1, True, "")
    assert Survey.of({"cells": []}, None, "").blank


def test_what_is_known_of_a_document_is_read_as_it_was_written() -> None:
    about = About("id", "/identity", "path", survey=SURVEY)
    assert decode_about("id", encode_about(about)) == about


def test_what_an_earlier_version_wrote_has_no_survey() -> None:
    fields = json.loads(encode_about(About("id", "/identity", "path", settled=True, stored=3)))
    del fields["survey"]
    about = decode_about("id", json.dumps(fields).encode())
    assert about == About("id", "/identity", "path", settled=True, stored=3)


@pytest.mark.parametrize("odd", [[], "text", {}, {"cells": 1}, {**SURVEY.__dict__, "cells": "2"}])
def test_a_survey_that_makes_no_sense_is_none(odd: object) -> None:
    fields = {"identity": "/identity", "survey": odd}
    assert decode_about("id", json.dumps(fields).encode()).survey is None


def test_the_stamp_of_a_journal_changes_with_every_byte_and_every_segment(tmp_path: Path) -> None:
    segment = tmp_path / "00000001-0123456789abcdef.journal"
    segment.write_bytes(b"a")
    first = stamp_of(str(tmp_path))
    (tmp_path / "about.json").write_text("{}")
    assert stamp_of(str(tmp_path)) == first
    segment.write_bytes(b"ab")
    second = stamp_of(str(tmp_path))
    (tmp_path / "00000002-0123456789abcdef.journal").write_bytes(b"ab")
    assert len({first, second, stamp_of(str(tmp_path))}) == 3
