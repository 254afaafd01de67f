"""`bihuan serve`."""

import os
import socket
import sys
import threading
from contextlib import suppress
from typing import Any

import click

from bihuan.config.home import note, open_home

READY_SECONDS = 3  # after the start: pages come first


@click.command()
@click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, envvar="PORT", show_default=True, help="Port to listen on.")
@click.option("--role", type=click.Choice(["all", "web", "capture", "worker"]), default="all", show_default=True,
              help="What this process does; anything but all needs DATABASE_URL.")  # fmt: skip
def command(host: str, port: int, role: str) -> None:
    """Run the pages, capture and the worker in one process (the embedded mode)."""
    os.environ["BIHUAN_ROLE"] = role
    if role != "all" and not os.environ.get("DATABASE_URL"):
        raise click.UsageError("--role needs DATABASE_URL: several processes share a PostgreSQL database.")
    open_home()
    serve(host=host, port=port)


def serve(*, host: str, port: int) -> None:
    """Listen until interrupted; a taken port is said before anything starts."""
    import uvicorn
    from django.conf import settings

    from bihuan.capture import presence
    from bihuan.config.owner import say_where
    from bihuan.understand.explore.ready import make_ready_quietly

    check_free(host=host, port=port)
    if host not in settings.ALLOWED_HOSTS and host not in ("0.0.0.0", "::"):  # noqa: S104
        settings.ALLOWED_HOSTS.append(host)
    note(f"Bihuan listens on http://{host}:{port} (Ctrl-C stops it).")
    proxies = os.environ.get("BIHUAN_TRUSTED_PROXIES", "")
    config = uvicorn.Config(
        "bihuan.config.asgi:application",
        host=host,
        port=port,
        http="httptools",
        loop="uvloop",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        timeout_graceful_shutdown=10,
    )

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            """Say where it listens only when it does: another server may own this folder."""
            await super().startup(sockets)
            if not self.started:
                return
            say_where(host=host, port=port)
            if os.environ.get("BIHUAN_ROLE", "all") in ("all", "web"):
                later = threading.Timer(READY_SECONDS, make_ready_quietly)
                later.daemon = True
                later.start()

        def handle_exit(self, sig: int, frame: Any) -> None:
            """Live streams end first: the server waits for open answers."""
            try:
                presence.stop()
            finally:
                super().handle_exit(sig, frame)

    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)


def check_free(*, host: str, port: int) -> None:
    """Raise a plain error when the port is taken or not ours to open."""
    family: Any = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Cannot listen on {host}:{port}: {error.strerror}. Stop what uses it, or choose another port: "
                f"PORT={port + 1 if port < 65535 else 8000}."
            ) from None
