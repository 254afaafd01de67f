"""A clock that can be set while a server runs: libfaketime before its calls of the system. What counts seconds stays true."""

from pathlib import Path

import pytest

LIBRARIES = (
    "/usr/lib/*/faketime/libfaketimeMT.so.1",  # Debian, Ubuntu
    "/usr/lib64/faketime/libfaketimeMT.so.1",  # Fedora
    "/usr/lib/faketime/libfaketimeMT.so.1",
)


class Clock:
    """`environment` makes a process read its time of day here; `set` turns it away from the true time at once."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.environment = {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.set("+0")

    def set(self, offset: str) -> None:
        """Seconds, or a number with h or d behind it, from the true time: "-5h"."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(offset + "\n")
        fresh.replace(self._file)


def library() -> Path:
    """Where libfaketime lies; the test fails without it."""
    for pattern in LIBRARIES:
        for found in sorted(Path("/").glob(pattern.lstrip("/"))):
            return found
    pytest.fail(
        "libfaketime is missing: install the package `faketime` (Debian, Ubuntu), or `libfaketime` (Fedora)"
    )
