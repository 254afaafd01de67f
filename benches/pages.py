"""p95 of server time of the workbench, the customer list and the customer page, 4 concurrent users.

20,000 accounts and 20 million events, one server process, clients on the same machine. The peer in the same run
is `/sign-in/`, a page that reads nothing, so that the ratio says what our reads cost beside the bare frame.
Usage: python benches/pages.py [--accounts 20000] [--events 20000000] [--seconds 20]
"""

import argparse
import http.client
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
from company import ROOT, company_home, server

USERS = 4
PANELS = ("usage", "timeline", "people", "health", "chain", "contracts", "tickets")
LIST_QUERIES = [
    "", "?sort=-arr", "?sort=health", "?sort=-health", "?sort=name", "?sort=last_active_on", "?sort=renews_on",
    "?q=云", "?tier=A", "?stage=value", "?band=red", "?sort=-arr&tier=B", "?page=200", "?q=科&sort=-health",
]  # fmt: skip


class User:
    """A signed-in browser that asks for pages one after the other over one connection."""

    def __init__(self, port: int, link: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        page = self.ask("GET", link)[1]
        token = re.search(rb'csrfmiddlewaretoken" value="([^"]+)', page)[1].decode()
        self.ask("POST", link, f"csrfmiddlewaretoken={token}")

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes, float]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Host": "127.0.0.1"}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        start = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        took = 1000 * (time.perf_counter() - start)
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, data, took


def paths_of(kind: str, ids: list[int], rng: random.Random) -> str:
    from urllib.parse import quote

    if kind == "sign-in (bare frame)":
        return "/sign-in/"
    if kind == "workbench":
        return "/"
    if kind == "customer list":
        return "/accounts/" + quote(rng.choice(LIST_QUERIES), safe="?=&-_")
    account = rng.choice(ids)
    if kind == "customer page":
        return f"/accounts/{account}/"
    return f"/accounts/{account}/panels/{rng.choice(PANELS)}/"


def measure(users: list[User], kind: str, ids: list[int], seconds: float) -> list[float]:
    times: list[float] = []
    failures: list[str] = []
    until = time.perf_counter() + seconds

    def work(user: User, seed: int) -> None:
        rng = random.Random(seed)
        while time.perf_counter() < until:
            path = paths_of(kind, ids, rng)
            status, _data, took = user.ask("GET", path)
            times.append(took)
            if status != 200:
                failures.append(f"{path} {status}")

    threads = [threading.Thread(target=work, args=(user, n)) for n, user in enumerate(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"{len(failures)} answers were not 200: {failures[:3]}")
    return sorted(times)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--accounts", type=int, default=20_000)
    options.add_argument("--events", type=int, default=20_000_000)
    options.add_argument("--seconds", type=float, default=20)
    wanted = options.parse_args()
    home = company_home(accounts=wanted.accounts, events=wanted.events)
    env = {**os.environ, "BIHUAN_HOME": str(home)}
    links = [
        subprocess.run([str(ROOT / ".venv/bin/bihuan"), "user", "link", "admin"], env=env, text=True, check=True,
                       capture_output=True).stdout.strip()
        for _ in range(USERS)
    ]  # fmt: skip
    with server(home) as port:
        users = [User(port, link) for link in links]
        found = json.loads(users[0].ask("GET", "/api/v1/accounts?limit=1000")[1])
        ids = [row["id"] for row in found["items"]]
        kinds = [
            "sign-in (bare frame)",
            "workbench",
            "customer list",
            "customer page",
            "customer page panels",
        ]
        print(
            f"{wanted.accounts:,} accounts, {wanted.events:,} events, {USERS} users, {wanted.seconds:.0f} s each"
        )
        bare = 1.0
        for kind in kinds:
            measure(users, kind, ids, 2)
            times = measure(users, kind, ids, wanted.seconds)
            p95 = times[int(0.95 * len(times))]
            bare = p95 if kind.startswith("sign-in") else bare
            print(
                f"{kind:24} p50 {median(times):7.1f} ms   p95 {p95:7.1f} ms   {p95 / bare:5.1f} × bare   n {len(times)}"
            )


if __name__ == "__main__":
    main()
