"""2,000 idle viewers of the presence page: memory and CPU of the server with and without them, and a page beside them.

The peer in the same run is the same server without viewers. Usage: python benches/viewers.py [--viewers 2000] [--seconds 30]
"""

import argparse
import os
import re
import resource
import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
from company import ROOT, company_home, server
from pages import User


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--viewers", type=int, default=2000)
    options.add_argument("--seconds", type=float, default=30)
    wanted = options.parse_args()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, wanted.viewers + 500), hard))
    home = company_home(accounts=300, events=1_200_000)
    env = {**os.environ, "BIHUAN_HOME": str(home)}
    link = subprocess.run([str(ROOT / ".venv/bin/bihuan"), "user", "link", "admin"], env=env, text=True, check=True,
                          capture_output=True).stdout.strip()  # fmt: skip
    with server(home) as port:
        user = User(port, link)
        pid = server_pid(port)
        bare = idle(pid, wanted.seconds), page_times(user), memory(pid)
        sockets = [open_stream(port, user) for _n in range(wanted.viewers)]
        told = wait_told(sockets, 60)
        watched = idle(pid, wanted.seconds), page_times(user), memory(pid)
        for one in sockets:
            one.close()
    print(f"{wanted.viewers} viewers, all told within {told:.1f} s; {wanted.seconds:.0f} s idle each")
    for name, (cpu, times, size) in (("without viewers", bare), ("with viewers", watched)):
        print(
            f"{name:16} CPU {100 * cpu:5.1f} % of a core   presence page median {median(times):6.1f} ms   RSS {size:6.0f} MiB"
        )
    print(f"{1024 * (watched[2] - bare[2]) / wanted.viewers:.1f} KiB a viewer")


def server_pid(port: int) -> int:
    """The process that listens."""
    text = subprocess.run(["ps", "-eo", "pid,args"], text=True, check=True, capture_output=True).stdout
    found = re.search(rf"^\s*(\d+) .*serve --port {port}$", text, re.MULTILINE)
    assert found is not None
    return int(found[1])


def idle(pid: int, seconds: float) -> float:
    """CPU seconds a second."""
    before = cpu_of(pid)
    time.sleep(seconds)
    return (cpu_of(pid) - before) / seconds


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Resident, in MiB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def page_times(user: User) -> list[float]:
    """Twenty pages, after one that connects anew."""
    user.connection.close()
    user.ask("GET", "/presence/")
    return [user.ask("GET", "/presence/")[2] for _turn in range(20)]


def open_stream(port: int, user: User) -> socket.socket:
    cookie = "; ".join(f"{k}={v}" for k, v in user.cookies.items())
    one = socket.create_connection(("127.0.0.1", port), timeout=30)
    one.sendall(f"GET /live/presence HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
    return one


def wait_told(sockets: list[socket.socket], most: float) -> float:
    """Seconds until every stream has had its first numbers; an error when one has not."""
    start, waiting = time.perf_counter(), selectors.DefaultSelector()
    for one in sockets:
        one.setblocking(False)
        waiting.register(one, selectors.EVENT_READ, b"")
    left = len(sockets)
    while left and time.perf_counter() - start < most:
        for key, _events in waiting.select(1):
            body = key.data + key.fileobj.recv(65536)
            if b"event: presence" in body:
                waiting.unregister(key.fileobj)
                left -= 1
            else:
                waiting.modify(key.fileobj, selectors.EVENT_READ, body)
    if left:
        raise SystemExit(f"{left} viewers were told nothing within {most:.0f} s")
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
