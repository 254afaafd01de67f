"""What the sender writes down around the last byte of a post, in a file, so that a crash leaves no doubt that can be avoided.

Before the byte a file with "H" is on the disk (fsync). After it the letter becomes "D": one write, which outlives the death of
the process. With the answer it becomes "A". docs/decisions/0012 says what follows from each.
"""

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from bihuan.act.reach.rules.recovery import Mark

_MARKS = {b"H": Mark.HANDING, b"D": Mark.HANDED, b"A": Mark.ANSWERED}


def folder() -> Path:
    """Where it is written; made when it is missing."""
    found = Path(settings.BIHUAN_HOME) / "reach"
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


@cache
def _boot() -> str:
    """This life of the machine; each process its own where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return uuid.uuid4().hex


def place() -> str:
    """The name of this journal, kept with it: nobody reads what another machine wrote."""
    path = folder() / "place"
    with (
        suppress(FileExistsError),
        os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file,
    ):
        file.write(uuid.uuid4().hex)
        file.flush()
        os.fsync(file.fileno())
    return path.read_text()


def life() -> str:
    """Who sends: this journal in this life of the machine."""
    return f"{place()}:{_boot()}"


class Entry:
    """One post: `before` and `after` its last byte, `answered` with what was said. Nothing is written before `before`."""

    def __init__(self, batch: uuid.UUID) -> None:
        self._path = folder() / batch.hex
        self._fd = -1
        self.handing = self.handed = False

    def before(self) -> None:
        """On the disk, with its name in the folder, when this returns."""
        self._fd = os.open(self._path, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600)
        os.write(self._fd, b"H")
        os.fsync(self._fd)
        parent = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(parent)
        finally:
            os.close(parent)
        self.handing = True

    def after(self) -> None:
        """The kernel has the byte."""
        os.pwrite(self._fd, b"D", 0)
        self.handed = True

    def answered(self, said: dict[str, Any]) -> None:
        """What the other side said of it; nothing when the byte never left."""
        if self._fd >= 0:
            os.pwrite(self._fd, json.dumps(said).encode(), 1)
            os.pwrite(self._fd, b"A", 0)

    def close(self) -> None:
        """Done with it; the file stays until the database knows."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


@contextmanager
def entry(batch: uuid.UUID) -> Iterator[Entry]:
    """One post's entry, closed afterwards."""
    found = Entry(batch)
    try:
        yield found
    finally:
        found.close()


def read(batch: uuid.UUID) -> tuple[Mark, dict[str, Any]]:
    """How far a post came, and its answer."""
    try:
        raw = (folder() / batch.hex).read_bytes()
    except FileNotFoundError:
        return Mark.NONE, {}
    mark = _MARKS.get(raw[:1], Mark.HANDING)
    if mark != Mark.ANSWERED:
        return mark, {}
    said: dict[str, Any] = json.loads(raw[1:])
    return mark, said


def forget(batch: uuid.UUID) -> None:
    """The database knows it all."""
    (folder() / batch.hex).unlink(missing_ok=True)
