"""Whom the platform may call: an administrator's allow-list, checked against the address of the socket that is really connected.

A name is looked up once, every answer is judged, and the connection goes to the judged address: a name that resolves differently
the second time (DNS rebinding) changes nothing. Names and networks stand in `receiver_hosts`. A public address needs its name
listed; a private or loopback one needs its network listed as well; link-local and metadata addresses are never called.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from pdm.errors import ReceiverError, SettingsError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], list[str]]

_METADATA = frozenset(
    ip_address(text) for text in ("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")
)
_NAT64 = IPv6Network("64:ff9b::/96")
_LOOPBACK_NAME = "localhost"
_TRIED = 3  # addresses of one name: a deliverer must come back before its lease runs out


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, in the order in which the system would try them."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Gate:
    """The allow-list, and the only way to a socket. resolve: how names are looked up (tests give their own)."""

    names: frozenset[str]
    networks: tuple[Network, ...] = ()
    resolve: Resolve = resolve

    def open(self, host: str, port: int, timeout: float, *, encrypted: bool) -> socket.socket:
        """A connected socket to a permitted address; plain text goes to loopback only.

        Raises:
            ReceiverError: the host or all its addresses are not permitted (`setup`), or nobody answers (`down`).
        """
        return self._first(tidy(host), self.judge(host, port, encrypted=encrypted), port, timeout, encrypted)

    def judge(self, host: str, port: int, *, encrypted: bool) -> list[str]:
        """The permitted addresses of a host, at least one; for callers that open their own sockets.

        Raises:
            ReceiverError: the host or all its addresses are not permitted (`setup`), or it has none (`down`).
        """
        name = tidy(host)
        self._named(name)
        try:
            found = self.resolve(name, port)
        except (OSError, UnicodeError) as error:
            raise ReceiverError(f"{name} has no address: {error}") from error
        reasons = {text: self._objection(name, unwrapped(text), encrypted) for text in dict.fromkeys(found)}
        permitted = [text for text, objection in reasons.items() if not objection]
        if not permitted:
            raise refused("; ".join(filter(None, reasons.values())) or f"{name} has no address")
        return permitted

    def _named(self, name: str) -> None:
        if name in self.names:
            return
        try:
            literal = unwrapped(name)
        except ValueError:
            literal = None
        if literal is None or not self._listed(literal):
            raise refused(f"{name} is not on the list of receivers")

    def _first(self, name: str, permitted: list[str], port: int, timeout: float, encrypted: bool) -> socket.socket:
        last: OSError | None = None
        for text in permitted[:_TRIED]:
            try:
                connected = socket.create_connection((text, port), timeout)
            except OSError as error:
                last = error
                continue
            objection = self._objection(name, unwrapped(connected.getpeername()[0]), encrypted)
            if objection:
                connected.close()
                raise refused(objection)
            return connected
        raise ReceiverError(f"{name}:{port} does not answer: {last}") from last

    def _objection(self, name: str, address: Address, encrypted: bool) -> str:
        if never(address):
            return f"{name} leads to {address}, which is never called"
        local = name == _LOOPBACK_NAME and address.is_loopback
        if not address.is_global and not local and not self._listed(address):
            return f"{name} leads to the private address {address}"
        if not encrypted and not address.is_loopback:
            return f"{name} is on another machine and the connection would be in plain text"
        return ""

    def _listed(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def gate(allowed: Iterable[str], resolve: Resolve = resolve) -> Gate:
    """A gate for names (`maximo.mill.example`), addresses and networks (`10.20.0.0/16`).

    >>> gate(["Maximo.mill.example.", "10.20.0.0/16"]).networks
    (IPv4Network('10.20.0.0/16'),)

    Raises:
        SettingsError: an entry is neither, or would allow everything.
    """
    names, networks = set(), []
    for entry in allowed:
        text = tidy(entry)
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            if not text or any(letter in text for letter in "/*: @"):
                raise SettingsError(
                    f"receiver_hosts: {entry!r} is neither a host name nor a network",
                    hint='such as ["maximo.mill.example", "10.20.0.0/16"]',
                ) from None
            names.add(text)
            continue
        if network.prefixlen == 0:
            raise SettingsError(f"receiver_hosts: {entry!r} would allow every address", hint="name the network")
        networks.append(network)
    return Gate(frozenset(names), tuple(networks), resolve)


def tidy(host: str) -> str:
    """A host name as it is compared.

    >>> tidy("[::1]"), tidy("SAP.Example.")
    ('::1', 'sap.example')
    """
    return host.strip().strip("[]").rstrip(".").lower()


def unwrapped(text: str) -> Address:
    """The address that is really meant: IPv4 inside IPv6 is taken out.

    >>> unwrapped("::ffff:169.254.169.254"), unwrapped("64:ff9b::7f00:1")
    (IPv4Address('169.254.169.254'), IPv4Address('127.0.0.1'))
    """
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is None and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def never(address: Address) -> bool:
    """Link-local, metadata, multicast and unspecified addresses: nothing that takes work requests lives there."""
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA


def refused(what: str) -> ReceiverError:
    """The answer to a call that the allow-list does not permit."""
    return ReceiverError(what, failure="setup", hint="an administrator lists names and networks in receiver_hosts")
