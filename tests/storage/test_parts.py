"""What cells are kept as."""

from __future__ import annotations

import random
import zlib
from dataclasses import replace
from typing import Any

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from jupyter_crdt_autosave.storage.parts import (
    LARGE,
    Part,
    decode,
    encode,
    join,
    pack,
    split,
    unpack,
)
from tests.property.notebooks import cells, unhurried, values
from tests.storage.archives import cell, written

ODD_TEXTS = st.text(st.characters(), max_size=6)
"""Texts of any code points, lone surrogates among them."""


@unhurried
@given(values() | ODD_TEXTS | st.dictionaries(ODD_TEXTS, st.lists(ODD_TEXTS, max_size=2)))
def test_a_value_is_what_it_was(value: Any) -> None:
    assert written(decode(encode(value))) == written(value)


@pytest.mark.parametrize("text", ["\ud800", "\udc00", "\ud83d\ude00", "\udcff\ud800x", "\0"])
def test_surrogates_stay_as_they_are(text: str) -> None:
    assert decode(encode({text: text})) == {text: text}


def test_json_is_compact() -> None:
    assert encode({"a": [1, "é"]}) == '{"a":[1,"é"]}'.encode()


@given(st.binary(max_size=300) | st.binary(max_size=9).map(lambda data: data * 100))
def test_bytes_are_what_they_were(data: bytes) -> None:
    assert unpack(pack(data)) == data


def test_bytes_are_compressed_where_that_helps() -> None:
    noise, text = random.Random(1).randbytes(5000), b"print(1)\n" * 500
    assert pack(noise) == Part(xxhash.xxh3_128_digest(noise), False, noise)
    assert pack(text).packed and len(pack(text).data) < len(text) / 10
    assert not pack(b"x").packed


@pytest.mark.parametrize("data", [b"short", b"print(1)\n" * 500])
def test_a_damaged_part_never_gives_other_bytes(data: bytes) -> None:
    part, noticed = pack(data), 0
    for place in range(len(part.data)):
        spoilt = bytearray(part.data)
        spoilt[place] ^= 0x10
        try:
            assert unpack(replace(part, data=bytes(spoilt))) == data
        except ValueError:
            noticed += 1
    # Some bits of a compressed part mean nothing.
    assert noticed > len(part.data) * 0.8


@pytest.mark.parametrize("data", [b"", b"short", b"print(1)\n" * 500])
def test_a_part_cut_short_is_noticed(data: bytes) -> None:
    part = pack(data + b"!")
    with pytest.raises(ValueError, match="A part"):
        unpack(replace(part, data=part.data[:-1]))


def test_equal_hashes_do_not_make_parts_the_same() -> None:
    one, other = pack(b"one"), pack(b"other")
    assert not one.same(replace(other, hash=one.hash))
    assert not replace(other, hash=one.hash).same(one)
    assert one.same(pack(b"one"))


def test_a_part_is_the_same_however_it_was_compressed() -> None:
    data = b"print(1)\n" * 500
    part = pack(data)
    other = replace(part, data=zlib.compress(data, 9))
    assert other.data != part.data
    assert part.same(other)
    assert part.same(replace(part, packed=False, data=data))


@unhurried
@given(cells(), st.integers(0, 3))
def test_a_cell_is_what_it_was(cell: dict[str, Any], more: int) -> None:
    if "outputs" in cell:
        stream = {"output_type": "stream", "name": "stdout", "text": "é" * LARGE}
        cell["outputs"] += [stream] * more
    cell["metadata"]["last"] = 1
    assert written(join(*map(decode, split(cell)))) == written(cell)


def test_large_outputs_are_kept_apart_from_their_cell() -> None:
    made = cell("x", outputs=9000)
    own, outputs = split(made)
    assert decode(outputs) == made["outputs"]
    assert len(own) < 200
    assert split({**made, "source": "y"})[1] == outputs


def test_small_outputs_are_not() -> None:
    assert len(split(cell("x", outputs=1000))) == 1
    assert len(split(cell("x" * 9000, outputs=1000))) == 1
    assert len(split({"cell_type": "markdown", "source": "x" * 9000, "metadata": {}})) == 1
