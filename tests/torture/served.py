"""An installation to be tortured."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.installation import Installation

PASSWORD = "correct horse battery"


@contextmanager
def with_source(home: Path, **environment: str) -> Iterator[Installation]:
    """One with a source, whose write key is `key`; a server that still runs at the end is killed."""
    made = Installation(home, ready=True, BIHUAN_THREADS="2", **environment)
    made.key = made.out("source", "add", "web", "--product", "Demo").strip()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def manager_of(own: Installation) -> httpx.Client:
    """The browser of somebody new who may do everything there."""
    added = ("user", "add", "wei", "--role", "admin", "--role", "manager", "--password-stdin")
    own.out(*added, said=PASSWORD + "\n")
    return own.signed_in("wei", PASSWORD)
