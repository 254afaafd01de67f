"""CPU time of one request of each page, in this process, one after the other: what the interpreter does for a page.

Pages hold the interpreter while they are made, so four users at once wait about four times this. Unlike the times of
`benches/pages.py` it hardly depends on what else the machine does: the lower quartile of many requests is printed.
Usage: python benches/page_cpu.py [--accounts 20000] [--events 20000000] [--requests 60]
"""

import argparse
import gc
import io
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

sys.path.insert(0, str(Path(__file__).parent))
from company import company_home
from pages import LIST_QUERIES, paths_of

KINDS = ("sign-in (bare frame)", "workbench", "customer list", "customer page")
GARBAGE_THRESHOLDS = (20_000, 20, 50)


def signed_in() -> str:
    """The cookies of an administrator's session."""
    from django.test import Client

    from bihuan.know.staff.models import Staff

    client = Client()
    client.force_login(
        Staff.objects.get(username="admin"), backend="django.contrib.auth.backends.ModelBackend"
    )
    client.get("/accounts/", headers={"Host": "127.0.0.1"})
    return "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())


def ask(app: Any, path: str, cookies: str) -> float:
    """Milliseconds of CPU time for one page; anything but a 200 ends the measurement."""
    where, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": unquote(where).encode().decode("latin-1"), "QUERY_STRING": query,
        "SCRIPT_NAME": "", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1", "HTTP_COOKIE": cookies, "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.multithread": True,
    }  # fmt: skip
    status: list[str] = []
    start = time.thread_time()
    answer = app(environ, lambda line, _headers: status.append(line))
    b"".join(answer)
    answer.close()
    took = 1000 * (time.thread_time() - start)
    if not status[0].startswith("200"):
        raise SystemExit(f"{path}: {status[0]}")
    return took


def quartile(app: Any, next_path: Callable[[], str], cookies: str, requests: int) -> float:
    """The lower quartile of so many requests, after some that warm up."""
    times = [ask(app, next_path(), cookies) for _ in range(requests + 10)][10:]
    return sorted(times)[requests // 4]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--accounts", type=int, default=20_000)
    options.add_argument("--events", type=int, default=20_000_000)
    options.add_argument("--requests", type=int, default=60)
    wanted = options.parse_args()
    os.environ["BIHUAN_HOME"] = str(company_home(accounts=wanted.accounts, events=wanted.events))
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.config.settings"
    from django.core.wsgi import get_wsgi_application

    app = get_wsgi_application()
    from bihuan.site.models import AccountCard

    ids = list(AccountCard.objects.values_list("pk", flat=True)[:1000])
    cookies, rng = signed_in(), random.Random(1)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    for kind in KINDS:
        cpu = quartile(app, lambda kind=kind: paths_of(kind, ids, rng), cookies, wanted.requests)
        print(f"{kind:32} {cpu:6.1f} ms")
    for query in LIST_QUERIES:
        path = "/accounts/" + quote(query, safe="?=&-_")
        cpu = quartile(app, lambda path=path: path, cookies, wanted.requests)
        print(f"  /accounts/{query:20} {cpu:6.1f} ms")


if __name__ == "__main__":
    main()
