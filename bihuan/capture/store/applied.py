"""How far the index holds the log, for processes that do not own it: a number in a file."""

import logging
import os
from pathlib import Path

logger = logging.getLogger(__name__)


class AppliedFile:
    """The file at `path`; it is replaced as a whole, so that nobody reads half a number."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int:
        """The place in the log, 0 when nothing is known."""
        try:
            return int(self._path.read_text() or 0)
        except (OSError, ValueError):
            return 0

    def write(self, seq: int) -> None:
        """Tell the others; a full disk is only logged."""
        try:
            self._path.with_suffix(".new").write_text(str(seq))
            os.replace(self._path.with_suffix(".new"), self._path)
        except OSError:
            logger.warning("Could not write %s; other processes may wait longer than needed.", self._path)
