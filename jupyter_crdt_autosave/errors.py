"""Everything that this package raises on purpose.

::

    AutosaveError
     +-- NotebookError              about the bytes of one notebook file
     |    +-- NotebookUnreadable    not a whole notebook: empty, half written, conflict markers
     |    +-- NotebookTooNew        written by a newer nbformat than ours
     +-- FileError                  about reaching or writing that file
     |    +-- FileMissing           nothing is there
     |    +-- FileUnavailable       it is there, but cannot be read now
     |    +-- ExportFailed          the file could not be written, or read back other than written
     |    +-- CheckpointFailed      the checkpoint could not be written or removed
     |    +-- PathTaken             something is there already
     +-- StorageError               about our own store
     |    +-- StoreUnavailable      the store cannot be created, read or locked
     |    +-- JournalFailed         a record could not be made durable
     |    +-- FormatTooNew          written by a newer version of this package
     |    +-- ArchiveUnavailable    versions cannot be kept or read now
     |    |    +-- DiskLow          less is left on the disk than the journals may need
     |    +-- VersionMissing        no such version, or no longer
     |    +-- DocumentMissing       the store has no such document
     |    +-- DocumentInUse         a server has it open
     |    +-- DocumentUnreadable    its journal does not add up to a notebook
     +-- ContentLoss                a merge would have lost text
     +-- NotOpen                    no live notebook at that path
     +-- BadRequest                 a call of the HTTP API that makes no sense
     +-- ConflictMissing            no such conflict, or it is settled
     +-- NotOffered                 the recovered work was settled, or is not what it was
     +-- ConfigurationUnusable      the configuration files cannot be read, or have bad values
     +-- Declined                   somebody was asked, and did not agree
     +-- NotRecoverable             no such notebook waits to be written back
     +-- PathRefused                nothing may be written at that path
"""

from __future__ import annotations


class AutosaveError(Exception):
    """Base of all errors of this package.

    ``reason`` is a short machine-readable word, stable across versions; the message is for people.
    """

    reason = "error"


class NotebookError(AutosaveError):
    """The bytes of a notebook file cannot be used."""

    reason = "notebook"


class NotebookUnreadable(NotebookError):
    """The bytes are not a whole notebook.

    ``kind`` says why: ``empty``, ``encoding``, ``json``, ``conflict`` (git conflict markers) or
    ``shape`` (JSON, but not a notebook).
    """

    reason = "unreadable"

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class NotebookTooNew(NotebookError):
    """The notebook was written in a newer major format than nbformat knows."""

    reason = "too_new"


class FileError(AutosaveError):
    """A notebook file cannot be reached or written."""

    reason = "file"


class FileMissing(FileError):
    """There is no file at the notebook's path."""

    reason = "missing"


class FileUnavailable(FileError):
    """The file is there, but cannot be read now (permissions, I/O error)."""

    reason = "unavailable"


class ExportFailed(FileError):
    """The notebook could not be written, or did not read back as it was written."""

    reason = "export_failed"


class CheckpointFailed(FileError):
    """The checkpoint could not be written, or not be removed."""

    reason = "checkpoint_failed"


class PathTaken(FileError):
    """Something is at the path already, and was not to be replaced."""

    reason = "path_taken"


class StorageError(AutosaveError):
    """Our own store failed."""

    reason = "storage"


class StoreUnavailable(StorageError):
    """The store's folder cannot be created, read or locked."""

    reason = "store_unavailable"


class JournalFailed(StorageError):
    """A record could not be written or made durable."""

    reason = "journal_failed"


class FormatTooNew(StorageError):
    """The store was written by a newer version of this package; it is left alone."""

    reason = "format_too_new"


class ArchiveUnavailable(StorageError):
    """Versions and baselines cannot be kept or read now; a later call tries again."""

    reason = "archive_unavailable"


class DiskLow(ArchiveUnavailable):
    """A version that can be done without was not kept: the disk is left to the journals."""

    reason = "disk_low"


class VersionMissing(StorageError):
    """There is no version with that id, or no longer."""

    reason = "version_missing"


class DocumentMissing(StorageError):
    """The store has no document of that name."""

    reason = "document_missing"


class DocumentInUse(StorageError):
    """A server has the document open, and would go on with what is to be removed."""

    reason = "document_in_use"


class DocumentUnreadable(StorageError):
    """What can be read of a document's journal does not add up to a notebook."""

    reason = "document_unreadable"


class ContentLoss(AutosaveError):
    """A merge was found to lose text; only raised where that is asked for."""

    reason = "content_loss"


class NotOpen(AutosaveError):
    """No live notebook is open at that path."""

    reason = "not_open"


class BadRequest(AutosaveError):
    """A request lacks something, or has something that makes no sense."""

    reason = "bad_request"


class ConflictMissing(AutosaveError):
    """There is no conflict with that id, or no longer."""

    reason = "conflict_missing"


class NotOffered(AutosaveError):
    """There is no recovered work to be restored or discarded, or it is not what was meant."""

    reason = "not_offered"


class ConfigurationUnusable(AutosaveError):
    """The configuration files cannot be read, or have bad values."""

    reason = "configuration"


class Declined(AutosaveError):
    """Somebody was asked whether something is to be done, and did not agree."""

    reason = "declined"


class NotRecoverable(AutosaveError):
    """There is no recoverable notebook with that id."""

    reason = "not_recoverable"


class PathRefused(AutosaveError):
    """A path at which no notebook may be written: outside of the root folder, or hidden."""

    reason = "path_refused"
