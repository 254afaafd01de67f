"""ClickHouse as the place of an index: a server over HTTP, or the engine inside this process (chDB)."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from bihuan.capture.store.clickhouse_sql import SETTINGS
from bihuan.capture.store.clickhouse_tables import SHARDING, TABLES
from bihuan.capture.store.errors import StoreError, StoreNotReady
from bihuan.capture.store.index import IndexUnusable, Verdict

if TYPE_CHECKING:
    from bihuan.capture.store.index_clickhouse import Index

_DATABASE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")
_SECONDS = 600
_IN_USE = re.compile("already initialized with path", re.IGNORECASE)
#: Parts that cannot be read and checksums that do not match.
_DAMAGED = {33, 40, 226, 228, 271, 432, 740}
#: The server is starting, full, overloaded or read-only: try again.
_NOT_NOW = {159, 160, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 279, 319, 394, 999}


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a server listens, out of `clickhouse://user:password@host:port/database?secure=1&cluster=…`."""

    host: str
    port: int
    user: str
    password: str
    database: str
    secure: bool
    cluster: str
    sharding: str

    @classmethod
    def of(cls, url: str) -> Address:
        """Read it; StoreError says what is wrong."""
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        unknown = options.keys() - {"secure", "cluster", "sharding"}
        database = parts.path.strip("/") or "bihuan"
        cluster, sharding = options.get("cluster", ""), options.get("sharding", "account")
        secure = options.get("secure", "0") == "1"
        try:
            port = parts.port or (8443 if secure else 8123)
        except ValueError:
            port = 0
        if not parts.hostname or not port or unknown or sharding not in SHARDING:
            raise StoreError(
                "EVENTS_URL reads clickhouse://user:password@host:8123/database, with ?secure=1, cluster=NAME and "
                f"sharding={'|'.join(SHARDING)} where wanted."
            )
        for name in (database, cluster or "x"):
            if not _DATABASE.match(name):
                raise StoreError(f"EVENTS_URL: {name!r} cannot be the name of a database or a cluster.")
        return cls(
            host=parts.hostname, port=port, user=unquote(parts.username or "default"),
            password=unquote(parts.password or ""), database=database, secure=secure, cluster=cluster,
            sharding=sharding,
        )  # fmt: skip


class ClickHouse:
    """A database of a ClickHouse server, or a folder with the engine in this process."""

    rest_seconds = 1.5  # each insert is a part of its own: many small ones make reading slow

    def __init__(self, url: str, *, folder: Path, zone: str) -> None:
        self.zone, self.path, self.cluster, self.sharding = zone, Path(), "", "account"
        self.shared = not url.startswith("chdb:")
        if self.shared:
            self.address = Address.of(url)
            self.database, self.cluster = self.address.database, self.address.cluster
            self.sharding = self.address.sharding
            self.url = f"clickhouse://{self.address.host}:{self.address.port}/{self.database}"
        else:
            self.path = Path(url.removeprefix("chdb:") or folder / "index.chdb").absolute()
            self.database, self.url = "bihuan", f"chdb:{self.path}"

    def client(self, *, database: str | None = None, **settings: Any) -> Any:
        """A new client; StoreNotReady when nobody answers."""
        try:
            from clickhouse_connect import get_client
        except ImportError as error:
            raise StoreError(
                "EVENTS_URL names ClickHouse, and its client is not installed: pip install 'bihuan[clickhouse]'"
            ) from error
        database = database or self.database
        try:
            if not self.shared:
                return get_client(
                    interface="chdb", path=str(self.path), database=database, settings=SETTINGS | settings
                )
            return get_client(
                host=self.address.host, port=self.address.port, username=self.address.user,
                password=self.address.password, database=database, secure=self.address.secure,
                connect_timeout=10, send_receive_timeout=_SECONDS, autogenerate_session_id=False,
                form_encode_query_params=True,
                settings=SETTINGS | settings | {"distributed_foreground_insert": 1},
            )  # fmt: skip
        except Exception as error:
            raise self.said(error) from error

    def said(self, error: Exception) -> Exception:
        """The error in the store's words where it has some."""
        if isinstance(error, StoreError):
            return error
        code = getattr(error, "code", None)
        if self.shared and _unanswered(error):
            return StoreNotReady(f"The event store {self.url} does not answer: {_short(error)}")
        if code in _NOT_NOW:
            return StoreNotReady(f"The event store {self.url} cannot be asked now: {_short(error)}")
        if self.verdict(error) == Verdict.DAMAGED:
            return IndexUnusable(f"The event store {self.url} cannot be used: {_short(error)}")
        return error

    def open(self, *, log_id: str, head: int, lead: bool = True) -> Index:
        """Open the tables; `lead` makes what is missing and takes back what was half done."""
        from bihuan.capture.store.index_clickhouse import Index

        if not self.shared:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.chmod(self.path, 0o700)
        try:
            return Index(self, log_id=log_id, head=head, lead=lead)
        except (StoreNotReady, StoreError):
            raise
        except Exception as error:
            found = self.said(error)
            if not self.shared and (_IN_USE.search(str(error)) or _is_locked(self.path / "status")):
                found = StoreNotReady(
                    f"The event store {self.url} is in use by another process, or this one has another."
                )
            elif not self.shared and found is error:  # the engine does not start on these files
                found = IndexUnusable(f"The event store {self.url} cannot be used: {_short(error)}")
            raise found from error

    def set_aside(self, why: str) -> None:
        """On a server the tables are dropped, for they can be made again; a folder is renamed, the last two kept."""
        if self.shared:
            everywhere = f" ON CLUSTER `{self.cluster}`" if self.cluster else ""
            client = self.client(database="default")
            try:
                for table in TABLES:
                    client.command(f"DROP TABLE IF EXISTS `{self.database}`.{table}{everywhere} SYNC")
            finally:
                client.close()
            return
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime()) + f"-{time.monotonic_ns() % 1_000_000:06d}"
        if self.path.exists():
            self.path.rename(self.path.with_name(f"{self.path.name}.broken-{stamp}"))
        for old in self._kept()[:-2]:
            shutil.rmtree(old, ignore_errors=True)

    def set_aside_names(self) -> list[str]:
        """The folders that were renamed; nothing is kept on a server."""
        return [path.name for path in self._kept()]

    def drop_set_aside(self) -> None:
        """Delete the folders that were renamed."""
        for old in self._kept():
            shutil.rmtree(old, ignore_errors=True)

    def verdict(self, error: Exception) -> Verdict:
        """By ClickHouse's number of the error; a server mends itself, and is only set aside when it does not open."""
        if isinstance(error, IndexUnusable):
            return Verdict.DAMAGED
        damaged = not self.shared and getattr(error, "code", None) in _DAMAGED
        return Verdict.DAMAGED if damaged else Verdict.GO_ON

    def _kept(self) -> list[Path]:
        return [] if self.shared else sorted(self.path.parent.glob(f"{self.path.name}.broken-*"))


def _unanswered(error: Exception) -> bool:
    """Whether the request never became an answer of ClickHouse."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return getattr(error, "code", None) is None and bool(kinds & {"OperationalError", "HTTPError", "OSError"})


def _is_locked(path: Path) -> bool:
    """Whether an engine holds its status file."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _short(error: Exception) -> str:
    return str(error).split("Stack trace")[0].strip().splitlines()[0][:300]
