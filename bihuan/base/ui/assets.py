"""Addresses of scripts and styles carry the build they come from, so that browsers may keep them for long."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.contrib.staticfiles.storage import StaticFilesStorage

DIST = Path(__file__).resolve().parent / "static" / "dist"


@cache
def build_version() -> str:
    """Eight characters that change with the built files; read once per process."""
    digest = sha256()
    for path in sorted(DIST.glob("*")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


class VersionedStorage(StaticFilesStorage):
    """The plain storage; built files get `?v=`."""

    def url(self, name: str | None) -> str:
        """`/static/dist/app.css?v=1a2b3c4d`."""
        address = super().url(name)
        return f"{address}?v={build_version()}" if name and name.startswith("dist/") else address
