"""Talking to the server that owns the events, from another process of the same person on the same machine."""

import json
import os
import secrets
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import timedelta
from typing import Any

import click

_SECONDS = 900


def say_where(*, host: str, port: int) -> None:
    """Leave the server's address in BIHUAN_HOME, readable by its owner only."""
    from django.conf import settings

    path = settings.BIHUAN_HOME / "server.json"
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump({"host": "127.0.0.1" if host in ("0.0.0.0", "::") else host, "port": port}, file)  # noqa: S104
    fresh.replace(path)


def address() -> str:
    """Where the running server listens; ClickException when nothing says so."""
    from django.conf import settings

    try:
        where = json.loads((settings.BIHUAN_HOME / "server.json").read_text())
    except (OSError, ValueError):
        raise click.ClickException(
            "Another process owns the events of this installation, and it is no server that can be asked. "
            "Wait until it ends, or stop it."
        ) from None
    host = f"[{where['host']}]" if ":" in where["host"] else where["host"]
    return f"http://{host}:{where['port']}"


def wrong_there() -> dict[str, str]:
    """What the running server says keeps it from its work, by part; ClickException when it does not answer."""
    try:
        with urllib.request.urlopen(f"{address()}/readyz", timeout=30) as response:  # noqa: S310
            said = response.read()
    except urllib.error.HTTPError as error:  # 503: it is not ready, and says why
        said = error.read()
    except OSError as error:
        raise click.ClickException(f"The server at {address()} does not answer: {error}.") from None
    try:
        return dict(json.loads(said)["wrong"])
    except (ValueError, KeyError, TypeError):
        raise click.ClickException(f"What answers at {address()} is not this server.") from None


def ask_the_server(document: Any) -> dict[str, Any]:
    """The server's answer, asked as an administrator with a token that is gone with it; Ctrl-C ends the question there."""
    from django.utils import timezone

    from bihuan.base.access import Role, permissions
    from bihuan.base.access.models import ApiToken, hash_of, new_secret
    from bihuan.know.staff.models import Staff

    staff = next(
        (s for s in Staff.objects.filter(is_active=True, reach="all") if Role.ADMIN in s.roles), None
    )
    if staff is None:
        raise click.ClickException("Add an administrator first: bihuan user add NAME --role admin")
    now, secret, name = timezone.now(), new_secret(), secrets.token_urlsafe(16)
    token = ApiToken.objects.create(staff=staff, name="command line", hashed=hash_of(secret), hint="cli",
                                    scopes=sorted(permissions()), created_at=now,
                                    expires_at=now + timedelta(seconds=_SECONDS))  # fmt: skip
    request = urllib.request.Request(  # noqa: S310  (the address is our own server's)
        f"{address()}/api/v1/ask?running={name}",
        data=json.dumps(document, default=str).encode(),
        headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
            return answer
    except urllib.error.HTTPError as error:
        problem = json.loads(error.read() or b"{}")
        raise click.ClickException(str(problem.get("detail") or error)) from None
    except (urllib.error.URLError, TimeoutError) as error:
        raise click.ClickException(f"The server at {address()} does not answer: {error}.") from None
    except KeyboardInterrupt:
        end = urllib.request.Request(  # noqa: S310
            f"{address()}/api/v1/ask/running/{name}",
            method="DELETE",
            headers={"Authorization": f"Bearer {secret}"},
        )
        with suppress(OSError):  # it may have ended by itself
            urllib.request.urlopen(end, timeout=10).close()  # noqa: S310
        raise
    finally:
        token.delete()
