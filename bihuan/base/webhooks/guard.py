"""Where we may call: an address is resolved once, looked at, and pinned. Pure but for the name service.

Refused are private, loopback, link-local, shared (100.64/10), multicast and reserved networks, and such addresses inside
IPv6 forms (mapped, 6to4, Teredo, NAT64), unless the operator lists the network. Whatever a name is written like (2130706433,
0x7f.1), what counts is the address that it resolves to. Without TLS only listed networks are called."""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NAT64 = ipaddress.ip_network("64:ff9b::/96")
LOW_PORTS = (80, 443)


class Refused(ValueError):
    """The address is not called; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is called: `address` is where the connection goes, `host` whose certificate it must show."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def networks(text: str) -> tuple[Network, ...]:
    """Networks and addresses with commas; ValueError for what is none."""
    return tuple(ipaddress.ip_network(one.strip(), strict=False) for one in text.split(",") if one.strip())


def check_url(url: str) -> tuple[str, str, int, str]:
    """(scheme, host, port, path with query); Refused for what can never be called."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"this is no address: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("an address begins with https:// and a name")
    if parts.username is not None or parts.password is not None:
        raise Refused("an address holds no user or password")
    if any(ord(one) <= 32 or ord(one) == 127 for one in url) or not url.isascii():
        raise Refused("an address holds no spaces or other signs")
    port = port or (443 if parts.scheme == "https" else 80)
    if port < 1024 and port not in LOW_PORTS:
        raise Refused(f"port {port} is not called")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port, path


def resolve(url: str, *, allowed: Sequence[Network] = ()) -> Target:
    """Look the name up once and choose an address; Refused when any of its addresses is not ours to call."""
    scheme, host, port, path = check_url(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"{host} is not found: {error}") from None
    addresses = list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))
    if not addresses:
        raise Refused(f"{host} is not found")
    listed = [is_listed(one, allowed) for one in addresses]
    for address, known in zip(addresses, listed, strict=True):
        if not known and not is_public(address):
            raise Refused(f"{host} is {address}, which is not a public address")
    if scheme == "http" and not all(listed):
        raise Refused("an address without TLS is not called: use https://")
    return Target(scheme=scheme, host=host, port=port, path=path, address=addresses[0])


def is_listed(address: str, allowed: Sequence[Network]) -> bool:
    """Whether the operator lists it, in whatever form it is written."""
    found = _inside(ipaddress.ip_address(address))
    return any(one.version == network.version and one in network for one in found for network in allowed)


def is_public(address: str) -> bool:
    """Whether it is an address of the public internet, and so is whatever it holds inside."""
    return all(
        one.is_global
        and not one.is_multicast
        and not one.is_reserved
        and not getattr(one, "is_site_local", False)
        for one in _inside(ipaddress.ip_address(address))
    )


def _inside(address: Address) -> list[Address]:
    """The address, and those that it stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    found: list[Address] = [address]
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address.teredo is not None:
        found.extend(address.teredo)
    if address in NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return found
