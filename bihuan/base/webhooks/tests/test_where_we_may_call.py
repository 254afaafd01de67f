"""What is inside our network is not called, however it is written; what is called is the address that was looked at."""

import socket

import pytest

from bihuan.base.webhooks.guard import Refused, check_url, is_listed, is_public, networks, resolve
from bihuan.base.webhooks.sending import post
from bihuan.base.webhooks.tests.receivers import receiver

INSIDE = [
    "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fec0::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "2002:7f00:1::1", "64:ff9b::7f00:1", "2001:0:7f00:1::1", "2001:db8::1",
]  # fmt: skip
LOCAL = networks("127.0.0.1")


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refused):
        resolve(f"https://{host}/")


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_other_ways_of_writing_it_are_seen_through(host: str) -> None:
    with pytest.raises(Refused, match="not a public address|not found"):
        resolve(f"https://{host}/")


def test_a_name_with_one_address_inside_is_refused(monkeypatch) -> None:
    def both(*_args, **_options):
        return [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        resolve("https://rebind.example/")


def test_a_name_is_resolved_once_and_the_address_pinned(monkeypatch) -> None:
    asked, real = [], socket.getaddrinfo

    def once(host, *args, **options):
        if host == "hook.example":
            asked.append(host)
            return real("127.0.0.1", *args, **options)
        assert host == "127.0.0.1", f"{host} is looked up again"
        return real(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    with receiver() as there:
        port = there.url.rsplit(":", 1)[1]
        assert post(f"http://hook.example:{port}", body=b"{}", headers={}, allowed=LOCAL).ok
        assert there.got[0][0]["host"] == f"hook.example:{port.rstrip('/')}"
    assert asked == ["hook.example"]


@pytest.mark.parametrize("url", [
    "ftp://a.example/", "https://", "https://u:p@a.example/", "https://a.example:25/", "https://a.example:99999/", "nothing",
    "https://a.example/ b", "https://a.example/\r\nX: y", "https://例.example/", "file:///etc/passwd",
])  # fmt: skip
def test_what_is_no_address_to_call_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        check_url(url)


def test_listed_networks_are_called_also_without_tls() -> None:
    assert is_listed("10.1.2.3", networks("10.1.0.0/16, ::1")) and not is_listed(
        "10.2.0.1", networks("10.1.0.0/16")
    )
    assert is_listed("::ffff:10.1.2.3", networks("10.1.0.0/16"))
    assert resolve("http://127.0.0.1:8000/x?y=1", allowed=LOCAL).path == "/x?y=1"


def test_without_tls_only_listed_networks_are_called(monkeypatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_o: [(2, 1, 6, "", ("93.184.216.34", 80))])
    with pytest.raises(Refused, match="without TLS"):
        resolve("http://a.example/")


def test_redirects_are_not_followed() -> None:
    with receiver() as there:
        there.answers = [302]
        answer = post(there.url, body=b"{}", headers={}, allowed=LOCAL)
        assert (answer.ok, answer.status, len(there.got)) == (False, 302, 1)
        assert "redirects are not followed" in answer.error


def test_a_receiver_that_drips_is_left_after_its_time() -> None:
    with receiver() as there:
        there.answers = [1]
        answer = post(there.url, body=b"{}", headers={}, allowed=LOCAL, seconds=0.6)
        assert not answer.ok and answer.took_ms < 3_000


def test_what_the_receiver_says_instead_of_an_answer_is_kept_as_text() -> None:
    with receiver() as there:
        there.answers = [2]
        answer = post(there.url, body=b"{}", headers={}, allowed=LOCAL)
        assert not answer.ok
        assert "<script>" in answer.error and answer.error.isprintable()


def test_a_port_where_nobody_listens_is_said() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    answer = post(f"http://127.0.0.1:{port}/", body=b"{}", headers={}, allowed=LOCAL)
    assert (answer.status, answer.ok) == (0, False) and answer.error


def test_a_certificate_of_another_name_is_refused(monkeypatch) -> None:
    with receiver() as there:
        answer = post(there.url.replace("http:", "https:"), body=b"{}", headers={}, allowed=LOCAL)
        assert not answer.ok and "SSL" in answer.error
