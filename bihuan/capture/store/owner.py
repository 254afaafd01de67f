"""Who owns the index: one process at a time, by a file lock that the system frees when it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bihuan.capture.store.errors import StoreOwned


class OwnerLock:
    """A lock file with the owner's process number in it."""

    def __init__(self, path: Path, *, owns: str) -> None:
        self._path, self._owns = path, owns
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object owns the index now."""
        return self._file is not None

    def take(self) -> None:
        """Own the index from now on; raises StoreOwned when another process, or another store here, does."""
        if self._file is not None:
            return
        file = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(file, 32, 0).decode("ascii", "replace").strip() or "?"
            os.close(file)
            raise StoreOwned(path=self._owns, owner=owner) from error
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        self._file = file

    def free(self) -> None:
        """Let others own it; doing so twice changes nothing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
