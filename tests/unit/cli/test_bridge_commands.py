"""The bridge from a shell: choose a receiver, see what it would get, deliver, poll, replay, and check a test system."""

import json

import pytest

from pdm.adapters.cmms_csv import CsvReceiver
from pdm.adapters.cmms_maximo import MaximoReceiver
from pdm.adapters.cmms_sap import SapReceiver
from pdm.adapters.mail import MailReceiver
from pdm.adapters.webhook import WebhookReceiver
from pdm.cli import main
from pdm.errors import SettingsError
from pdm.operations.approve_request import approve_request
from pdm.testing.builders import a_case, a_request
from pdm.testing.servers.maximo import FakeMaximo
from pdm.wiring import build_plant

WORD = "hunter2-hunter2"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def server():
    with FakeMaximo(WORD, {"P-101"}) as server:
        yield server


@pytest.fixture
def home(tmp_path, server, monkeypatch):
    """A plant whose receiver is a Maximo on loopback, with one approved request."""
    (tmp_path / "plantpdm.toml").write_text(
        f"""
        time_zone = "Europe/Berlin"
        receiver = "maximo"
        receiver_url = "{server.url}"
        receiver_hosts = ["127.0.0.1"]
        receiver_options = {{ site = "BEDFORD" }}
        """,
        encoding="utf-8",
    )
    monkeypatch.setenv("PDM_RECEIVER_SECRET", WORD)
    plant = build_plant(tmp_path)
    with plant.unit_of_work() as work:
        work.cases.save(a_case())
        work.requests.save(a_request(id="wr-1", external_ref="PDM-1"))
        work.commit()
    approve_request(plant, "wr-1", by="Clara")
    return tmp_path


@pytest.fixture
def run(home, capsys):
    def command(*words, code=0):
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            main(["requests", *words, "--home", str(home)])
        printed = capsys.readouterr()
        assert (leaving.value.code or 0) == code, printed
        assert WORD not in printed.out + printed.err
        return printed.out + printed.err

    return command


def test_a_request_is_shown_delivered_once_and_heard_of(run, server):
    shown = run("payload", "wr-1")
    assert '"externalrecid": "PDM-1"' in shown
    assert "apikey: ***" in shown
    assert server.orders("PDM-1") == 0

    assert "1 request handed over to the Maximo" in run("deliver")
    assert "0 requests handed over" in run("deliver")
    assert server.orders("PDM-1") == 1

    server.decide("1001", "CLOSED")
    assert "wr-1 is done there: record the verdict of its case" in run("poll")


def test_what_fails_is_listed_and_replayed(run, server):
    server.always = "gone"
    assert "1 given up" in run("deliver", code=1)
    server.always = ""
    assert "given up" in run("outbox")

    assert "wr-1 is due again" in run("replay", "wr-1", "--by", "Ada")
    assert "waiting" in run("outbox")
    assert "1 request handed over" in run("deliver")
    assert "the outbox is empty" in run("outbox")


def test_a_poll_that_cannot_ask_says_so(run, server):
    run("deliver")
    server.always = "unavailable"

    assert "503" in run("poll", code=1)


def test_conformance_asks_first_whether_it_is_a_test_system(run, server):
    assert "--yes-this-is-a-test-system" in run("conformance", "--asset", "P-101", code=3)
    assert server.calls == []


def test_conformance_says_of_every_promise_whether_it_is_kept(run):
    told = json.loads(run("conformance", "--asset", "P-101", "--yes-this-is-a-test-system", "--json"))
    assert len(told) == 7
    assert all(result["kept"] for result in told)

    broken = run("conformance", "--asset", "P-999", "--yes-this-is-a-test-system", code=1)
    assert "P-999 is not a valid asset" in broken


@pytest.mark.parametrize(
    ("kind", "url", "options", "receiver"),
    [
        ("csv", None, {}, CsvReceiver),
        ("sap", "https://sap.mill.example", {"plant": "1710"}, SapReceiver),
        ("maximo", "https://maximo.mill.example", {"site": "BEDFORD"}, MaximoReceiver),
        ("webhook", "https://hooks.mill.example/pdm", {}, WebhookReceiver),
        ("mail", "smtps://mail.mill.example", {"to": "a@mill.example", "from": "b@mill.example"}, MailReceiver),
    ],
)
def test_the_settings_choose_the_receiver(kind, url, options, receiver, tmp_path):
    (tmp_path / "plantpdm.toml").write_text("", encoding="utf-8")
    given = {} if kind == "csv" else {"receiver_url": url, "receiver_hosts": ["mill.example"], "receiver_user": "PDM"}

    plant = build_plant(tmp_path, receiver=kind, receiver_options=options, receiver_secret=SIGNING, **given)

    assert isinstance(plant.receiver, receiver)
    assert SIGNING not in repr(plant.settings) + repr(vars(plant.receiver).get("_transport", ""))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"receiver": "maximmo"}, "csv, sap, maximo, webhook or mail"),
        ({"receiver": "maximo"}, "needs receiver_url"),
        ({"receiver": "maximo", "receiver_url": "https://a.example"}, "needs receiver_secret"),
        ({"receiver": "sap", "receiver_url": "https://a.example", "receiver_secret": WORD}, "needs receiver_user"),
        ({"receiver": "maximo", "receiver_url": "https://a.example", "receiver_secret": WORD}, "needs receiver_hosts"),
        (
            {
                "receiver": "maximo",
                "receiver_url": "https://a.example",
                "receiver_secret": WORD,
                "receiver_hosts": ["a.example"],
                "receiver_options": {"stie": "X"},
            },
            "did you mean 'site'",
        ),
    ],
)
def test_a_half_described_receiver_is_a_settings_error(given, message, tmp_path):
    (tmp_path / "plantpdm.toml").write_text("", encoding="utf-8")

    with pytest.raises(SettingsError) as refusal:
        build_plant(tmp_path, **given)

    assert message in str(refusal.value)
    assert WORD not in str(refusal.value)


def test_a_list_and_options_fit_on_one_line_of_the_environment(tmp_path, monkeypatch):
    (tmp_path / "plantpdm.toml").write_text("", encoding="utf-8")
    monkeypatch.setenv("PDM_RECEIVER_HOSTS", "sap.mill.example, 10.20.0.0/16")
    monkeypatch.setenv("PDM_RECEIVER_OPTIONS", "site=BEDFORD, org=EAGLENA")

    settings = build_plant(tmp_path).settings

    assert settings.receiver_hosts == ("sap.mill.example", "10.20.0.0/16")
    assert settings.receiver_options == {"site": "BEDFORD", "org": "EAGLENA"}


def test_what_has_no_counterpart_is_named(plantpdm, home):
    told = plantpdm("import", "coverage", "--home", home)
    shares = plantpdm("import", "coverage", "--home", home, "--json").answer

    assert "no equipment list was imported" in told.out
    assert {"what", "share", "covered", "total", "gaps", "note"} == set(shares[0])
