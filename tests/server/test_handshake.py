"""Two histories of one notebook must never meet: every cell would stand twice."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from jupyter_ydoc import YNotebook
from pycrdt import (
    Doc,
    Map,
    create_awareness_message,
    create_sync_message,
    create_update_message,
    read_message,
    write_message,
)

from jupyter_crdt_autosave.document.bootstrap import bootstrap
from jupyter_crdt_autosave.document.statevector import decode
from jupyter_crdt_autosave.handshake import Handshake, Verdict, question
from jupyter_crdt_autosave.notebook import normalise

STEP1, STEP2, UPDATE = 0, 1, 2
ORDERS = [
    order
    for length in range(1, 5)
    for order in permutations(["step1", "step2", "update", "awareness"], length)
]


class FakeLive:
    """What a live notebook says about histories."""

    def __init__(self, lineage: int) -> None:
        self.lineage = lineage
        self.going_on = 0

    def goes_on(self) -> None:
        self.going_on += 1

    def shares_history(self, state_vector: bytes) -> bool:
        clocks = decode(state_vector)
        return not clocks or self.lineage in clocks


def document(*sources: str) -> tuple[int, Doc[Any]]:
    """A document that was made from a file with these cells, and its lineage."""
    cells = [
        {"cell_type": "raw", "id": f"cell-{index}", "metadata": {}, "source": source}
        for index, source in enumerate(sources)
    ]
    content = normalise({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    lineage, update = bootstrap(content)
    doc: Doc[Any] = Doc()
    doc.apply_update(update)
    return lineage, doc


def messages(doc: Doc[Any], known: Doc[Any]) -> dict[str, bytes]:
    """What a client with `doc` sends to a server that has `known`, by name."""
    before = doc.get_state()
    cells = YNotebook(doc).ycells
    if len(cells):
        source = cells[0]["source"]
        source += "typed"
    return {
        "step1": create_sync_message(doc),
        "step2": bytes([0, STEP2]) + write_message(doc.get_update(known.get_state())),
        "update": create_update_message(doc.get_update(before)),
        "awareness": create_awareness_message(b"\x00"),
    }


def answer(message: bytes, doc: Doc[Any]) -> bytes:
    """Sync step 2 of a client with `doc` to a sync step 1."""
    return bytes([0, STEP2]) + write_message(doc.get_update(read_message(message[2:])))


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
@pytest.mark.parametrize("history", ["the same", "none"])
def test_a_client_that_may_meet_the_document_loses_no_message_and_no_order(
    order: tuple[str, ...], history: str
) -> None:
    lineage, known = document("a", "b")
    client: Doc[Any] = Doc()
    if history == "the same":
        client.apply_update(known.get_update())
    said = messages(client, known)
    live = FakeLive(lineage)
    handshake, passed = Handshake(live), []
    for name in order:
        verdict = handshake.judge(said[name])
        assert verdict in (Verdict.PASS, Verdict.HOLD)
        if verdict is Verdict.PASS:
            passed.append(name)
            if handshake.admitted:
                passed += [key for held in handshake.held for key in said if said[key] == held]
                handshake.held = []
    assert live.going_on == (history == "the same" and "step1" in order)
    early = [
        name for name in order if "step1" not in order or name in order[: order.index("step1")]
    ]
    late = [name for name in order if name not in early]
    kept_back = [name for name in early if name != "awareness"]
    assert handshake.admitted == ("step1" in order)
    expected = [name for name in early if name == "awareness"]
    if late:
        expected += [late[0], *kept_back, *late[1:]]
    assert passed == expected


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_nothing_of_a_foreign_client_ever_passes(order: tuple[str, ...]) -> None:
    lineage, known = document("a", "b")
    _, client = document("other")
    said = messages(client, known)
    handshake = Handshake(FakeLive(lineage))
    verdicts = {name: handshake.judge(said[name]) for name in order}
    for name, verdict in verdicts.items():
        assert (verdict is Verdict.PASS) == (name == "awareness")
        assert (verdict is Verdict.ASK) == (name == "step1")
    assert not handshake.admitted


@pytest.mark.parametrize("order", [order for order in ORDERS if "step1" in order], ids="-".join)
def test_a_foreign_client_is_done_with_once_and_only_with_all_that_it_has(
    order: tuple[str, ...],
) -> None:
    lineage, known = document("a", "b")
    _, client = document("other")
    said = messages(client, known)
    handshake = Handshake(FakeLive(lineage))
    verdicts = [handshake.judge(said[name]) for name in order]
    verdicts += [handshake.judge(answer(question(), client)) for _ in range(3)]
    assert verdicts.count(Verdict.FOREIGN) == 1
    theirs: Doc[Any] = Doc()
    for message in handshake.held:
        theirs.apply_update(read_message(message[2:]))
    assert decode(theirs.get_state()) == decode(client.get_state())


def test_a_part_of_what_a_foreign_client_has_is_not_taken_for_all() -> None:
    """The answer to the room's own question leaves out what the room seems to have already."""
    lineage, known = document("a")
    _, client = document("other")
    tab: Doc[Any] = Doc(client_id=7)
    extra = tab.get("extra", type=Map)
    extra["first"] = 1
    known.apply_update(tab.get_update())
    extra["second"] = 2
    client.apply_update(tab.get_update())
    handshake = Handshake(FakeLive(lineage))
    assert handshake.judge(create_sync_message(client)) is Verdict.ASK
    assert handshake.judge(answer(create_sync_message(known), client)) is Verdict.HOLD
    assert handshake.judge(answer(question(), client)) is Verdict.FOREIGN


def test_what_a_foreign_client_types_meanwhile_is_kept_with_the_rest() -> None:
    lineage, _ = document("a")
    _, client = document("other")
    handshake = Handshake(FakeLive(lineage))
    handshake.judge(create_sync_message(client))
    before = client.get_state()
    source = YNotebook(client).ycells[0]["source"]
    source += "!"
    handshake.judge(create_update_message(client.get_update(before)))
    handshake.judge(answer(question(), client))
    theirs = YNotebook(Doc())
    for message in handshake.held:
        theirs.ydoc.apply_update(read_message(message[2:]))
    assert [str(cell["source"]) for cell in theirs.ycells] == ["other!"]


def test_after_a_foreign_client_was_given_up_nothing_more_is_collected() -> None:
    lineage, _ = document("a")
    _, client = document("other")
    handshake = Handshake(FakeLive(lineage))
    handshake.judge(create_sync_message(client))
    assert handshake.give_up()
    assert not handshake.give_up()
    assert handshake.judge(answer(question(), client)) is Verdict.HOLD
    assert handshake.held == []


def test_giving_up_a_client_that_has_said_all_changes_nothing() -> None:
    lineage, _ = document("a")
    _, client = document("other")
    handshake = Handshake(FakeLive(lineage))
    handshake.judge(create_sync_message(client))
    assert handshake.judge(answer(question(), client)) is Verdict.FOREIGN
    assert not handshake.give_up()


@pytest.mark.parametrize("kind", [STEP2, UPDATE])
def test_before_a_client_is_admitted_it_is_only_asked(kind: int) -> None:
    lineage, known = document("a")
    handshake = Handshake(FakeLive(lineage))
    assert handshake.lets_out(create_sync_message(known))
    assert handshake.lets_out(create_awareness_message(b"\x00"))
    assert not handshake.lets_out(bytes([0, kind]) + write_message(known.get_update()))
    handshake.judge(create_sync_message(Doc()))
    assert handshake.lets_out(bytes([0, kind]) + write_message(known.get_update()))


def test_a_foreign_client_is_never_sent_an_update() -> None:
    lineage, known = document("a")
    _, client = document("other")
    handshake = Handshake(FakeLive(lineage))
    handshake.judge(create_sync_message(client))
    handshake.judge(answer(question(), client))
    assert not handshake.lets_out(create_update_message(known.get_update()))


@pytest.mark.parametrize("state", [b"", b"\x01", b"\x05\x01"])
def test_a_broken_introduction_admits_nobody(state: bytes) -> None:
    handshake = Handshake(FakeLive(1))
    with pytest.raises(ValueError, match="no state vector"):
        handshake.judge(bytes([0, STEP1]) + write_message(state))
    assert not handshake.admitted
