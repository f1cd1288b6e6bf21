"""Power cuts while documents get, change and lose their notebooks."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jupyter_crdt_autosave.storage.store import About, Store
from tests.storage.crashes import Crash, every_crash, random_crashes
from tests.support.disks import QuickDisk, RecordingDisk

A, B, C = "/home/a.ipynb", "/home/b.ipynb", "/home/folder/c.ipynb"


@dataclass(frozen=True)
class Promise:
    """Which document each notebook has (None: none), where no change is under way, and all ids."""

    facts: frozenset[tuple[str, str | None]]
    documents: frozenset[str]


@dataclass
class Catalogue:
    """A store on a recorded disk, and what its callers have been told of it."""

    root: Path
    facts: dict[str, str | None] = field(default_factory=dict)
    documents: dict[str, About] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True)
        self.disk: RecordingDisk[Promise] = RecordingDisk(str(self.root), self.promise)
        self.store = Store(self.disk, str(self.root / "data" / "store"))
        self.store.open()

    def promise(self) -> Promise:
        """What callers rely on."""
        return Promise(frozenset(self.facts.items()), frozenset(self.ids))

    def create(self, identity: str) -> None:
        """A notebook is opened."""
        with self._changing(identity):
            self.documents[identity] = self.store.create(identity, "nb.ipynb")
            self.ids.add(self.documents[identity].id)

    def move(self, start: str, end: str) -> None:
        """A notebook that has a document is moved, maybe over another one."""
        if start in self.documents:
            with self._changing(start, end):
                about = self.documents.pop(start)
                self.documents[end] = self.store.move(about, end, "nb.ipynb")

    def release(self, identity: str) -> None:
        """A notebook is deleted."""
        if identity in self.documents:
            with self._changing(identity):
                self.store.release(self.documents.pop(identity), "deleted")

    def drop(self, identity: str) -> None:
        """A document is removed."""
        if identity in self.documents:
            with self._changing(identity):
                self.ids.remove(self.documents[identity].id)
                self.store.drop(self.documents.pop(identity))

    def note(self, identity: str) -> None:
        """What is known of a notebook's file is written down."""
        if identity in self.documents:
            self.store.write(self.documents[identity])

    def check_every_crash(self) -> int:
        """Check each state that a crash at any time may have left; how many there are."""
        return self.check(every_crash(self.disk.log, self.disk.top, self.promise()))

    def check(self, crashes: Iterable[Crash[Promise]]) -> int:
        """Check each of these states; how many there are."""
        count = 0
        for crash in crashes:
            count += 1
            place = crash.build(str(self.root.parent / "crash"))
            check_store(f"{place}/data/store", crash.promise)
            shutil.rmtree(place)
        return count

    @contextmanager
    def _changing(self, *identities: str) -> Iterator[None]:
        for identity in identities:
            self.facts.pop(identity, None)
        yield
        for identity in identities:
            about = self.documents.get(identity)
            self.facts[identity] = about.id if about else None


def check_store(root: str, promise: Promise) -> None:
    """Open a store after a crash, and go on with it."""
    store = Store(QuickDisk(), root)
    store.open()
    before = check_found(store)
    assert before >= promise.documents
    for identity, document in promise.facts:
        found = store.find(identity)
        assert (found.id if found else None) == document
    for identity in (A, B, C):
        found = store.find(identity)
        created = store.create(identity, "nb.ipynb")
        assert found is None or created.id == found.id
        assert found is not None or created.id not in before
    assert check_found(store) >= before


def check_found(store: Store) -> set[str]:
    """Every document is found at its notebook, or was released: then it is listed."""
    listed = list(store.all())
    for about in listed:
        found = store.find(about.identity)
        assert about.released or (found is not None and found.id == about.id)
    return {about.id for about in listed}


@pytest.fixture
def catalogue(scratch: Path) -> Catalogue:
    return Catalogue(scratch / "disk")


def test_a_new_document_is_found_again(catalogue: Catalogue) -> None:
    catalogue.create(A)
    catalogue.create(B)
    catalogue.note(A)
    assert catalogue.check_every_crash() > 30


def test_a_document_is_found_where_its_notebook_went_or_came_from(catalogue: Catalogue) -> None:
    """The pointer of the old place outlived the move, and led to the document of the new one."""
    catalogue.create(A)
    catalogue.move(A, B)
    catalogue.create(A)
    assert catalogue.check_every_crash() > 40


def test_a_document_that_moves_over_another_takes_nothing_from_it(catalogue: Catalogue) -> None:
    catalogue.create(A)
    catalogue.create(B)
    catalogue.move(A, B)
    assert catalogue.check_every_crash() > 40


def test_a_released_document_is_kept_and_its_notebook_starts_anew(catalogue: Catalogue) -> None:
    """A released document hid a new one of the same notebook, whose pointer had been lost."""
    for _ in range(3):
        catalogue.create(A)
        catalogue.release(A)
    catalogue.create(A)
    assert catalogue.check_every_crash() > 60


def test_a_document_is_dropped_whole_or_not_at_all(catalogue: Catalogue) -> None:
    catalogue.create(A)
    catalogue.create(B)
    catalogue.drop(A)
    catalogue.note(B)
    catalogue.create(A)
    assert catalogue.check_every_crash() > 40


STEPS: dict[str, Callable[[Catalogue], None]] = {
    f"create {A}": lambda c: c.create(A),
    f"create {B}": lambda c: c.create(B),
    f"create {C}": lambda c: c.create(C),
    f"release {A}": lambda c: c.release(A),
    f"release {B}": lambda c: c.release(B),
    f"note {A}": lambda c: c.note(A),
    f"note {B}": lambda c: c.note(B),
    f"drop {A}": lambda c: c.drop(A),
    f"move {A} {B}": lambda c: c.move(A, B),
    f"move {B} {A}": lambda c: c.move(B, A),
    f"move {B} {C}": lambda c: c.move(B, C),
}


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=8), st.integers(0, 2**32))
@example([f"create {A}", f"move {A} {B}", f"create {A}", f"move {B} {A}"], 1)
@example([f"create {A}", f"release {A}", f"create {A}", f"note {A}"], 2)
def test_documents_and_notebooks_stay_together_whatever_happens(
    scratch: Path, steps: list[str], seed: int
) -> None:
    catalogue = Catalogue(Path(tempfile.mkdtemp(dir=scratch)) / "disk")
    for step in steps:
        STEPS[step](catalogue)
    log, top = catalogue.disk.log, catalogue.disk.top
    catalogue.check(random_crashes(log, top, catalogue.promise(), random.Random(seed), 20))
