"""An answer is bounded in time and size, comes from who it claims to be, and is followed nowhere."""

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pdm.adapters.cmms_maximo import MaximoReceiver
from pdm.adapters.cmms_sap import SapReceiver
from pdm.adapters.gate import gate
from pdm.adapters.http import Transport
from pdm.adapters.mail import MailReceiver
from pdm.checks.receivers import Site
from pdm.errors import InputError, ReceiverError
from pdm.testing.servers.base import Answer, FakeServer

WORD = "hunter2"


class Fixed(FakeServer):
    """Answers what it was given."""

    def __init__(self, answer):
        super().__init__()
        self.fixed = answer

    def answer(self, call):  # noqa: ARG002  the server's name
        return self.fixed


def get(server, **options):
    return Transport(server.url, gate(["127.0.0.1"]), "Maximo", **options).send("GET", "/", {})


@pytest.fixture
def certified(tmp_path):
    """A key and a certificate for localhost that signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.fixture
def encrypted(certified):
    """A server that speaks TLS; the port it listens on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certified)
    with Fixed(Answer(200, {"ok": True})) as server:
        server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
        yield server._server.server_address[1]


def call(port, host="localhost"):
    allowed = gate(["localhost", "sap.mill.example", "127.0.0.0/8"], lambda _host, _port: ["127.0.0.1"])
    return Transport(f"https://{host}:{port}", allowed, "SAP").send("GET", "/", {})


def test_a_server_that_cannot_prove_who_it_is_is_not_talked_to(encrypted):
    with pytest.raises(ReceiverError, match="cannot prove who it is") as refusal:
        call(encrypted)

    assert refusal.value.failure == "setup"


def test_a_certificate_of_ones_own_authority_is_trusted_for_its_own_name_only(encrypted, certified, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certified[0]))

    assert call(encrypted).json() == {"ok": True}
    with pytest.raises(ReceiverError, match="cannot prove who it is"):
        call(encrypted, "sap.mill.example")


def test_a_redirect_is_followed_nowhere():
    with Fixed(Answer(302, b"", (("Location", "http://169.254.169.254/"),))) as server:
        transport = Transport(server.url, gate(["127.0.0.1"]))
        with pytest.raises(ReceiverError, match="redirect") as refusal:
            transport.expect(transport.send("GET", "/", {}))

        assert len(server.calls) == 1
    assert refusal.value.failure == "setup"


@pytest.mark.parametrize(
    "answer", [Answer(200, b"x" * (1 << 20) + b"xx"), Answer(200, b"short", (("Content-Length", "1000"),))]
)
def test_an_answer_that_is_too_long_or_cut_off_is_none(answer):
    with Fixed(answer) as server, pytest.raises(ReceiverError) as refusal:
        get(server)

    assert refusal.value.failure == "down"


NONSENSE = (
    b"",
    b"null",
    b"[]",
    b"7",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"d": null, "member": null}',
    b'{"d": {"results": [null]}, "member": [1]}',
    b'{"d": {"results": {}}, "member": {}}',
    b'{"d": {"MaintenanceNotification": ""}, "member": [{"ticketid": null}], "externalrecid": {}}',
    b'{"d": {"NotifProcessingPhase": {}, "RequiredStartDate": "/Date(99999999999999999999)/"}, "member": [{"status": []}]}',
    b'{"d": {"RequiredStartDate": "/Date(0)/", "RequiredStartTime": "PT99H99M99S"}, "member": [{"targetstart": "0001-01-01T00:00+20:00"}]}',
)


@pytest.mark.parametrize("content", NONSENSE, ids=range(len(NONSENSE)))
@pytest.mark.parametrize("kind", ["sap", "maximo"])
def test_nonsense_is_a_failure_that_passes_or_says_nothing(kind, content):
    with Fixed(Answer(200, content, (("x-csrf-token", "t"),))) as server:
        transport = Transport(server.url, gate(["127.0.0.1"]))
        if kind == "sap":
            receiver = SapReceiver(transport, user="u", secret=WORD, zone="UTC", given={})
        else:
            receiver = MaximoReceiver(transport, secret=WORD, zone="UTC", given={"site": "A"})
        body = Site(receiver).body()

        with pytest.raises(ReceiverError):
            receiver.submit(body)
        for ask in (lambda: receiver.find(body["external_ref"]), lambda: receiver.status("1")):
            try:
                told = ask()
            except ReceiverError:
                continue
            assert told is None or told.state is None


def test_nobody_there_is_a_failure_that_passes():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(ReceiverError, match="does not answer") as refusal:
        Transport(f"http://127.0.0.1:{port}", gate(["127.0.0.1"])).send("GET", "/", {})

    assert refusal.value.failure == "down"


@pytest.fixture
def dripping():
    """A server that sends one byte every 50 ms, for ever."""
    server = socket.create_server(("127.0.0.1", 0))
    closing = threading.Event()

    def drip():
        try:
            connection, _ = server.accept()
            with connection:
                while not closing.wait(0.05):
                    connection.sendall(b"2")
        except OSError:
            return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    closing.set()
    thread.join()
    server.close()


def test_a_server_that_drips_is_left_in_time(dripping):
    started = time.monotonic()

    with pytest.raises(ReceiverError, match="silent for too long"):
        Transport(f"http://127.0.0.1:{dripping}", gate(["127.0.0.1"]), timeout=0.4).send("GET", "/", {})

    assert time.monotonic() - started < 5


def test_a_refusal_is_quoted_short_printable_and_without_secrets():
    answer = Answer(400, {"Error": {"message": "no \x1b[31m hunter2 " + "x" * 1000}})
    with Fixed(answer) as server:
        transport = Transport(server.url, gate(["127.0.0.1"]), "Maximo", ("hunter2",))
        with pytest.raises(InputError) as refusal:
            transport.expect(transport.send("GET", "/", {}))

    assert "no [31m *** xxx" in str(refusal.value)
    assert len(str(refusal.value)) < 400


def test_a_mail_server_that_nobody_runs_is_a_failure_that_passes():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    given = {"to": "planner@mill.example", "from": "pdm@mill.example"}
    receiver = MailReceiver(f"smtps://127.0.0.1:{port}", gate(["127.0.0.1"]), user="", secret="", given=given)

    with pytest.raises(ReceiverError) as refusal:
        receiver.submit(Site(receiver).body())

    assert refusal.value.failure == "down"
