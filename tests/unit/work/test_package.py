"""The job package of a request: from the library where it has one, against the store, told in text and JSON."""

from datetime import timedelta

import pytest

from pdm.alerts.consider import evidence
from pdm.catalogue import Axis, JobPackage, SparePart, Task
from pdm.records.planning import Stock
from pdm.testing.builders import NOON, a_case, an_alert, an_assessment, an_asset
from pdm.testing.plants import a_catalogue
from pdm.work.canonical import canonical_body
from pdm.work.draft import draft_request
from pdm.work.package import kitting, sketched

DAY = timedelta(days=1)
PUMP = a_catalogue().model("pump")
PACKAGE = JobPackage(
    "pump",
    "bearing_wear",
    "bearing",
    tasks=(Task("Isolate", "electrician", 0.5), Task("Change the bearings", "mechanic", 3.0, persons=2)),
    parts=(SparePart("B-1", "bearing set", 2.0, "set", 5 * DAY), SparePart("G-1", "gasket", 1.0, "pc", 2 * DAY)),
    procedure="By the maker's manual.",
    isolation=("electrical: feeder locked",),
    permits=("work permit",),
    permit_time=DAY,
    access=("hoist",),
    tools=("induction heater",),
    isolatable_while_running=True,
)


def ready(stock=None, planning=3 * DAY):
    return kitting(PACKAGE, now=NOON, planning=planning, stock=stock or {}, parts_time=9 * DAY)


def drafted(package=PACKAGE, stock=None):
    alert = an_alert(evidence=evidence(an_assessment(probability=0.7)))
    return draft_request(a_case(), alert, an_asset(), PUMP, Axis(), now=NOON, zone="UTC", package=package, stock=stock)


def test_crafts_count_every_person_and_the_clock_counts_once():
    assert PACKAGE.duration == 3.5
    assert PACKAGE.labour == 6.5
    assert dict(PACKAGE.crafts) == {"electrician": 0.5, "mechanic": 6.0}


def test_the_part_with_the_longest_lead_time_decides_when_nothing_is_in_stock():
    assert ready().at == ready().parts_at == NOON + 5 * DAY
    assert ready().waits_for == "parts: bearing set"


def test_what_lies_in_the_store_is_not_waited_for():
    stock = {"B-1": Stock("B-1", 2.0), "G-1": Stock("G-1", 0.0, DAY)}

    found = ready(stock)

    assert [kit.missing for kit in found.kit] == [0.0, 1.0]
    assert found.parts_at == NOON + DAY, "the store's own lead time, not the library's"
    assert found.at == NOON + 3 * DAY
    assert found.waits_for == "planning"


def test_half_of_a_kit_in_stock_is_not_a_kit():
    assert ready({"B-1": Stock("B-1", 1.0), "G-1": Stock("G-1", 9.0)}).kit[0].missing == 1.0
    assert ready({"B-1": Stock("B-1", 1.0), "G-1": Stock("G-1", 9.0)}).parts_at == NOON + 5 * DAY


def test_permits_can_be_what_is_waited_for():
    assert ready({"B-1": Stock("B-1", 2.0), "G-1": Stock("G-1", 1.0)}, planning=DAY / 2).waits_for == "permits"


def test_the_request_carries_the_package_for_receivers_in_fields_text_and_json():
    request = drafted()

    assert request.crafts == ("electrician", "mechanic")
    assert request.hours == 6.5
    assert request.parts == ("2 set bearing set (B-1)", "1 pc gasket (G-1)")
    sent = canonical_body(request)["body"]["job_package"]
    assert [task["number"] for task in sent["tasks"]] == [10, 20]
    assert sent["cannot_kit_before"] == (NOON + 5 * DAY).isoformat()
    for line in (
        "0020 Change the bearings (mechanic, 2 x 3 h)",
        "Isolation: electrical: feeder locked",
        "Tools: induction heater",
    ):
        assert line in request.text


def test_parts_in_the_store_move_the_window_forward():
    stocked = {"B-1": Stock("B-1", 2.0), "G-1": Stock("G-1", 1.0)}

    assert drafted(stock=stocked).required_start == NOON + 3 * DAY
    assert drafted().required_start > drafted(stock=stocked).required_start or drafted().body["expedite"]


@pytest.mark.parametrize("name", ["bearing_wear", "seal_leak"])
def test_without_an_entry_the_words_of_the_failure_mode_make_a_short_package(name):
    mode = PUMP.mode(name)

    short = sketched("pump", mode, Axis())

    assert not short.library
    assert short.labour == mode.hours
    assert tuple(part.name for part in short.parts) == mode.parts
    assert drafted(package=None).hours == 8.0
    assert "Job package" not in drafted(package=None).text
