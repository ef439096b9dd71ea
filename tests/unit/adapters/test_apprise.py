"""People are told by real protocols: mail to an SMTP server and JSON to a web server, both on loopback."""

import logging

import pytest

from pdm.adapters.apprise import HEARTBEAT, AppriseNotifier
from pdm.adapters.gate import gate
from pdm.errors import ReceiverError, SettingsError
from pdm.ports import Notification
from pdm.settings import load
from pdm.testing.servers.base import Answer, FakeServer
from pdm.testing.servers.smtp import FakeSmtp
from pdm.wiring import build_notifier

WHAT = Notification("NT-1", "mill/line-1", "2 alerts: größer als üblich", "P-101: bearing wear\nP-102: seal leak")
SECRET = "hunter2-very-secret"  # noqa: S105


class Web(FakeServer):
    def answer(self, call):  # noqa: ARG002  it takes all calls
        return Answer(200, b"ok")


@pytest.fixture
def web():
    with Web() as server:
        yield server


def told_by(url, *, allowed=("127.0.0.1",), **options):
    notifier = AppriseNotifier([url], allowed=allowed, **options)
    return notifier, notifier.targets[0]


def test_a_webhook_gets_title_and_text(web):
    notifier, target = told_by(web.url.replace("http", "json"))
    notifier.notify(target, WHAT)

    [call] = web.calls
    assert (call.json()["title"], call.json()["message"]) == (WHAT.title, WHAT.text)


def test_a_mailbox_gets_a_letter():
    with FakeSmtp() as server:
        host = server.url.removeprefix("smtp://")
        url = f"mailto://{host}/?from=pdm@mill.example&to=planner@mill.example&smtp=127.0.0.1&mode=insecure&format=text"
        notifier, target = told_by(url)
        notifier.notify(target, WHAT)

        [letter] = server.letters
    assert letter["Subject"] == WHAT.title
    assert "planner@mill.example" in letter["To"]
    body = letter.get_body(preferencelist=("plain",)).get_content()
    assert "P-102: seal leak" in body


@pytest.mark.parametrize("fault", ["unavailable", "broken", "redirect", "gone"])
def test_a_target_that_does_not_take_it_is_an_error_to_be_tried_again(web, fault):
    web.always = fault
    notifier, target = told_by(web.url.replace("http", "json"))

    with pytest.raises(ReceiverError, match="did not take"):
        notifier.notify(target, WHAT)
    assert len(web.calls) == 1  # a redirect is not followed


def test_nobody_at_home_is_an_error_to_be_tried_again():
    notifier, target = told_by("json://127.0.0.1:9/hook")

    with pytest.raises(ReceiverError):
        notifier.notify(target, WHAT)


def test_secrets_stay_out_of_names_errors_and_logs(caplog):
    with caplog.at_level(logging.DEBUG):
        notifier, target = told_by(f"json://ada:{SECRET}@127.0.0.1:9/{SECRET}")
        with pytest.raises(ReceiverError) as refusal:
            notifier.notify(target, WHAT)

    told = [repr(notifier), target, str(refusal.value), repr(refusal.value), caplog.text]
    assert not [text for text in told if SECRET in text or "ada" in text]


def test_the_name_of_a_target_stays_the_same_and_tells_two_apart():
    urls = ["json://127.0.0.1:9/a", "json://127.0.0.1:9/b"]
    first, second = (AppriseNotifier(urls, allowed=["127.0.0.1"]).targets for _ in range(2))

    assert first == second
    assert len(set(first)) == 2
    assert all(name.startswith("json-") for name in first)


@pytest.mark.parametrize(
    "url",
    [
        "json://169.254.169.254/latest/meta-data",
        "json://10.1.2.3/hook",
        "json://elsewhere.example/hook",
        "json://[::ffff:169.254.169.254]/hook",
    ],
)
def test_a_host_that_is_not_listed_is_never_called(url):
    notifier, target = told_by(url)

    with pytest.raises(ReceiverError) as refusal:
        notifier.notify(target, WHAT)
    assert refusal.value.failure == "setup"


def test_a_listed_name_that_leads_to_a_private_address_is_never_called(monkeypatch):
    notifier, target = told_by("jsons://hooks.example/x", allowed=["hooks.example"])
    monkeypatch.setattr(notifier, "_gate", gate(["hooks.example"], lambda _host, _port: ["192.168.0.7"]))

    with pytest.raises(ReceiverError, match="private address"):
        notifier.notify(target, WHAT)


def test_plain_text_goes_to_this_machine_only(monkeypatch):
    notifier, target = told_by("json://hooks.example/x", allowed=["hooks.example"])
    monkeypatch.setattr(notifier, "_gate", gate(["hooks.example"], lambda _host, _port: ["93.184.216.34"]))

    with pytest.raises(ReceiverError, match="plain text"):
        notifier.notify(target, WHAT)


def test_a_service_in_the_cloud_is_listed_by_its_name():
    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
    with pytest.raises(SettingsError, match="slack is not in notify_hosts") as refusal:
        AppriseNotifier([url], allowed=["mail.example"])
    assert "T1JJ3T3L2" not in str(refusal.value)

    assert AppriseNotifier([url], allowed=["slack"]).targets[0].startswith("slack-")


@pytest.mark.parametrize("url", ["nonsense://x", "not a url", "mailto://?a"])
def test_what_apprise_does_not_understand_is_said_without_the_url(url):
    with pytest.raises(SettingsError, match="notify_urls: number 1") as refusal:
        AppriseNotifier([url], allowed=["x"])
    assert url not in str(refusal.value)


def test_heartbeats_have_a_target_of_their_own(web):
    notifier = AppriseNotifier([], allowed=["127.0.0.1"], heartbeat=web.url.replace("http", "json"))
    notifier.notify(HEARTBEAT, WHAT)

    assert notifier.targets == ()
    assert len(web.calls) == 1
    AppriseNotifier([], allowed=[]).notify(HEARTBEAT, WHAT)  # without a target nothing happens
    assert len(web.calls) == 1


def test_settings_name_who_is_told(tmp_path, monkeypatch, web):
    assert build_notifier(load(tmp_path)) is None
    monkeypatch.setenv("PDM_NOTIFY_URLS", f"{web.url.replace('http', 'json')} json://127.0.0.1:9/b")
    monkeypatch.setenv("PDM_NOTIFY_HOSTS", "127.0.0.1")

    settings = load(tmp_path)

    assert len(build_notifier(settings).targets) == 2
    assert "127.0.0.1:9" not in repr(settings)


@pytest.mark.parametrize(
    "change", [{"quiet_hours": "22-6h"}, {"quiet_hours": "22:00"}, {"digest_day": "monday"}, {"notify_every": "often"}]
)
def test_settings_that_make_no_sense_are_refused(tmp_path, change):
    with pytest.raises(SettingsError):
        load(tmp_path, **change)
