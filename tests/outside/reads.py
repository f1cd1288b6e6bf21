"""Who looks at a file."""

from __future__ import annotations

from pathlib import Path

from watchdog.events import FileClosedNoWriteEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer


class Reads:
    """Counts how often a file has been read to its end while the block runs."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path = str(path)
        self._observer = Observer()
        self._observer.schedule(_Counter(self), str(path.parent))

    def saw(self, event: FileSystemEvent) -> None:
        """Something happened in the folder."""
        if isinstance(event, FileClosedNoWriteEvent) and event.src_path == self._path:
            self.count += 1

    def __enter__(self) -> Reads:
        self._observer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._observer.stop()
        self._observer.join()


class _Counter(FileSystemEventHandler):
    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._reads.saw(event)
