"""Nothing is called that an administrator has not listed, whatever a name or a number looks like."""

import socket
import threading

import pytest

from pdm.adapters.gate import gate
from pdm.adapters.http import Transport
from pdm.errors import ReceiverError, SettingsError


@pytest.fixture
def listener():
    """A port on loopback that accepts and counts."""
    server = socket.create_server(("127.0.0.1", 0))
    accepted = []

    def accept():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            accepted.append(1)
            connection.close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield server.getsockname()[1], accepted
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def names(*addresses):
    """A resolver that answers with these, and remembers how often it was asked."""
    asked = []

    def resolve(host, port):  # noqa: ARG001  the resolver's names
        asked.append(host)
        return list(addresses)

    resolve.asked = asked
    return resolve


def refused(allowed, host, *addresses, port=9, encrypted=True):
    with pytest.raises(ReceiverError) as refusal:
        gate(allowed, names(*(addresses or (host,)))).open(host, port, 0.2, encrypted=encrypted)
    assert refusal.value.failure == "setup", refusal.value
    return str(refusal.value)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254"],
)
def test_what_is_not_listed_is_not_called(host):
    assert "not on the list" in refused(["maximo.mill.example"], host)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.9",
        "172.16.0.1",
        "100.64.1.1",
        "0.0.0.0",  # noqa: S104  it is refused
        "::1",
        "fd00::1",
        "::ffff:10.1.2.3",
        "::ffff:127.0.0.1",
        "64:ff9b::a01:203",
        "2002:7f00:1::",
    ],
)
def test_a_listed_name_that_leads_inside_is_not_called(address):
    refused(["maximo.mill.example"], "maximo.mill.example", address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
    ],
)
def test_link_local_and_metadata_addresses_are_never_called_even_when_listed(address):
    everything = ["sap.mill.example", "128.0.0.0/1", "0.0.0.0/1", "8000::/1", "::/1"]

    assert "never called" in refused(everything, "sap.mill.example", address)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001"])
def test_a_listed_number_in_disguise_is_judged_by_the_address_it_means(host):
    assert "private address 127.0.0.1" in refused([host], host, "127.0.0.1")


def test_a_name_is_looked_up_once_so_that_a_second_answer_changes_nothing(listener):
    port, accepted = listener
    answers = iter([["203.0.113.9"], ["127.0.0.1"]])
    rebinding = gate(["sap.mill.example"], lambda _host, _port: next(answers))

    with pytest.raises(ReceiverError):
        rebinding.open("sap.mill.example", port, 0.2, encrypted=True)

    assert not accepted
    assert next(answers) == ["127.0.0.1"]  # nobody asked a second time


def test_the_address_of_the_connected_socket_counts(listener, monkeypatch):
    port, _ = listener
    monkeypatch.setattr(
        "pdm.adapters.gate.socket.create_connection", lambda *_: socket.create_connection_really(("127.0.0.1", port))
    )
    monkeypatch.setattr(socket, "create_connection_really", _connect, raising=False)

    assert "private address 127.0.0.1" in refused(["sap.mill.example"], "sap.mill.example", "8.8.8.8", port=port)


def _connect(address):
    connected = socket.socket()
    connected.connect(address)
    return connected


def test_a_permitted_address_beside_a_forbidden_one_is_used(listener):
    port, _ = listener
    allowed = gate(["localhost"], names("169.254.169.254", "127.0.0.1"))

    with allowed.open("localhost", port, 2, encrypted=False) as connected:
        assert connected.getpeername() == ("127.0.0.1", port)


def test_plain_text_goes_to_loopback_only():
    assert "plain text" in refused(["8.8.8.8"], "8.8.8.8", encrypted=False)


def test_a_listed_private_network_opens_its_addresses(listener):
    port, _ = listener
    allowed = gate(["sap.mill.example", "127.0.0.0/8"], names("127.0.0.1"))

    with allowed.open("sap.mill.example", port, 2, encrypted=True) as connected:
        assert connected.getpeername() == ("127.0.0.1", port)


@pytest.mark.parametrize("entry", ["*", "https://sap.mill.example", "0.0.0.0/0", "::/0", "", "a b"])
def test_an_entry_that_would_allow_anything_is_a_settings_error(entry):
    with pytest.raises(SettingsError, match="receiver_hosts"):
        gate([entry])


@pytest.mark.parametrize(
    "url", ["ftp://a", "https://user:secret@a", "https://a?apikey=1", "sap.mill.example", "https://"]
)
def test_an_address_with_a_secret_or_without_a_host_is_a_settings_error(url):
    with pytest.raises(SettingsError) as refusal:
        Transport(url, gate(["a"]))

    assert "secret" not in str(refusal.value)
