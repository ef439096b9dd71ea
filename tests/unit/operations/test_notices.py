"""Sisters that move together become one question to operations, and so does a process condition."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from pdm.alerts.alert import AlertState
from pdm.catalogue import Catalogue, Policy
from pdm.errors import IllegalTransition, InputError, NotFound
from pdm.operations.add_comment import add_comment
from pdm.operations.answer_alert import assign_alert, claim_alert, close_alert, release_alert, take_out_of_service
from pdm.operations.answer_notice import answer_notice
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.exclude_interval import exclude_interval
from pdm.readings.events import append_events, read_events
from pdm.readings.registry import register
from pdm.scoring.assessment import Risk
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.testing.plants import a_plant

HOUR = timedelta(hours=1)
POLICY = Policy(raise_at=0.4, clear_at=0.2, persistence=(1, 1), common_causes=("cooling_water",))


@pytest.fixture
def plant(tmp_path):
    """Nine pumps, five of them on the same cooling water, on three lines."""
    plant = a_plant(tmp_path, policy=POLICY)
    pumps = [
        an_asset(f"P-{n}", location=f"site/line-{n % 3}", attributes={"cooling_water": "CW-1" if n <= 5 else "CW-2"})
        for n in range(1, 10)
    ]
    register(plant.history, pumps, [], now=NOON - 24 * HOUR)
    return plant


def score(plant, hour, tags, probability=0.9, mode="bearing_wear"):
    plant.clock.set(NOON + hour * HOUR)
    return consider_assessments(
        plant, [an_assessment(tag, probability=probability, hours=hour, mode=mode) for tag in tags]
    )


def read(plant, what):
    with plant.unit_of_work() as work:
        return what(work)


def test_sisters_on_one_cooling_water_become_one_question_and_no_requests(plant):
    report = score(plant, 0, ["P-1", "P-2", "P-3", "P-4"])

    (notice,) = read(plant, lambda work: work.notices.list(state="open"))
    assert notice.title == "4 of 5 pumps on cooling_water CW-1 moved within 6 h: is it the process?"
    assert notice.assets == ("P-1", "P-2", "P-3", "P-4")
    assert len(notice.cases) == 4
    assert report.notices == 1
    assert read(plant, lambda work: work.requests.list()) == []


def test_two_sisters_or_slow_ones_are_no_burst(plant):
    score(plant, 0, ["P-1", "P-2"])
    score(plant, 7, ["P-3"])

    assert read(plant, lambda work: work.notices.list()) == []


def test_a_later_sister_joins_the_open_question(plant):
    score(plant, 0, ["P-1", "P-2", "P-3"])
    report = score(plant, 2, ["P-5"])

    (notice,) = read(plant, lambda work: work.notices.list())
    assert notice.assets == ("P-1", "P-2", "P-3", "P-5")
    assert notice.title.startswith("4 of 5 pumps")
    assert report.notices == 0


def test_the_process_as_answer_closes_the_alerts_and_is_known_to_learning(plant):
    score(plant, 0, ["P-1", "P-2", "P-3"])
    (notice,) = read(plant, lambda work: work.notices.list())

    answer_notice(plant, notice.id, answer="process", by="olga", why="cooling water at 31 degC")

    alerts = read(plant, lambda work: work.alerts.list())
    assert {one.state for one in alerts} == {AlertState.CLOSED}
    assert read(plant, lambda work: work.cases.list(state="open")) == []
    changes = read_events(plant.history, kinds=["process_change"])
    assert sorted(changes["asset"]) == ["P-1", "P-2", "P-3"]
    with pytest.raises(IllegalTransition, match="answered by olga"):
        answer_notice(plant, notice.id, answer="machine", by="ben", why="no")


def test_the_machine_as_answer_leaves_the_cases_to_their_engineers(plant):
    score(plant, 0, ["P-1", "P-2", "P-3"])
    (notice,) = read(plant, lambda work: work.notices.list())

    answer_notice(plant, notice.id, answer="machine", by="olga", why="nothing changed")

    assert len(read(plant, lambda work: work.cases.list(state="open"))) == 3


@pytest.mark.parametrize("words", [{"answer": "perhaps"}, {"why": " "}, {"by": ""}])
def test_an_answer_needs_a_name_a_reason_and_one_of_two_words(plant, words):
    score(plant, 0, ["P-1", "P-2", "P-3"])
    (notice,) = read(plant, lambda work: work.notices.list())

    with pytest.raises(InputError):
        answer_notice(plant, notice.id, **{"answer": "process", "by": "olga", "why": "grade"} | words)
    assert read(plant, lambda work: work.notices.get(notice.id)) == notice


def test_a_process_condition_is_asked_about_before_any_work_is(plant):
    model = plant.catalogue.models["pump"]
    modes = tuple(replace(mode, process=mode.name == "seal_leak") for mode in model.failure_modes)
    models = plant.catalogue.models | {"pump": replace(model, failure_modes=modes)}
    plant = replace(plant, catalogue=Catalogue(plant.catalogue.classes, models))

    score(plant, 0, ["P-7"], mode="seal_leak")

    (notice,) = read(plant, lambda work: work.notices.list())
    assert (notice.kind, notice.assets) == ("process", ("P-7",))
    assert read(plant, lambda work: work.requests.list()) == []


def test_planned_maintenance_suppresses_what_is_open_and_gives_it_back(plant):
    score(plant, 0, ["P-7"])
    plant.clock.set(NOON + HOUR)
    exclude_interval(plant, asset="P-7", start=NOON + HOUR, end=NOON + 5 * HOUR, reason="planned stop", by="ada")

    score(plant, 2, ["P-7"], probability=0.05)
    (during,) = read(plant, lambda work: work.alerts.list())
    score(plant, 6, ["P-7"])
    (after,) = read(plant, lambda work: work.alerts.list())

    assert during.state is AlertState.SUPPRESSED
    assert after.state is AlertState.UNACKNOWLEDGED
    trail = [entry.verb for entry in read(plant, lambda work: work.audit.list(subject=f"alert:{after.id}"))]
    assert trail == ["resume", "suppress", "raise"]


def test_after_work_on_a_machine_its_scores_disturb_nobody_for_a_while(tmp_path):
    plant = a_plant(tmp_path, policy=replace(POLICY, quiet_after_work=24.0))
    register(plant.history, [an_asset("P-1")], [], now=NOON - 24 * HOUR)
    repair = pd.DataFrame([{"asset": "P-1", "kind": "repair", "time": pd.Timestamp(NOON - HOUR)}])
    append_events(plant.history, repair, now=NOON - HOUR)

    assert score(plant, 1, ["P-1"]).raised == 0
    assert score(plant, 30, ["P-1"]).raised == 1


def test_an_alert_out_of_service_is_counted_and_silent(plant):
    silent = take_out_of_service(plant, "P-7", "bearing_wear", by="ada", why="sensor on order")
    report = score(plant, 1, ["P-7"])

    assert report.raised == 0
    (alert,) = read(plant, lambda work: work.alerts.list())
    assert (alert.id, alert.state) == (silent.id, AlertState.OUT_OF_SERVICE)
    with pytest.raises(NotFound):
        take_out_of_service(plant, "P-99", "bearing_wear", by="ada", why="typo")
    with pytest.raises(InputError, match="no failure mode"):
        take_out_of_service(plant, "P-7", "rust", by="ada", why="typo")


def test_a_suspicion_may_be_silenced_again_though_the_clock_stands_still(plant):
    first = take_out_of_service(plant, "P-7", "bearing_wear", by="ada", why="sensor on order")
    close_alert(plant, first.id, by="ada", why="sensor is back")

    again = take_out_of_service(plant, "P-7", "bearing_wear", by="ada", why="it broke again")

    assert again.id != first.id
    assert {one.state for one in read(plant, lambda work: work.alerts.list())} == {
        AlertState.CLOSED,
        AlertState.OUT_OF_SERVICE,
    }


def test_a_case_is_looked_after_by_whoever_has_its_alert(plant):
    score(plant, 0, ["P-7"])
    (alert,) = read(plant, lambda work: work.alerts.list())

    assign_alert(plant, alert.id, to="ben", by="ada", why="you know this pump")
    assert read(plant, lambda work: work.cases.get(alert.case_id)).owner == "ben"
    release_alert(plant, alert.id, by="ben")
    assert read(plant, lambda work: work.cases.get(alert.case_id)).owner == ""
    claim_alert(plant, alert.id, by="ada")
    assert read(plant, lambda work: work.cases.get(alert.case_id)).owner == "ada"
    with pytest.raises(InputError, match="to nobody"):
        assign_alert(plant, alert.id, to=" ", by="ada")


def test_comments_are_kept_in_order_and_audited(plant):
    score(plant, 0, ["P-7"])
    (alert,) = read(plant, lambda work: work.alerts.list())
    subject = f"alert:{alert.id}"

    add_comment(plant, subject, by="ada", text="heard it")
    add_comment(plant, subject, by="ada", text="heard it")

    assert [one.text for one in read(plant, lambda work: work.comments.list(subject))] == ["heard it", "heard it"]
    assert sum(entry.verb == "comment" for entry in read(plant, lambda work: work.audit.list(subject=subject))) == 2
    with pytest.raises(NotFound):
        add_comment(plant, "alert:al-none", by="ada", text="hello")
    with pytest.raises(InputError, match="nobody can comment"):
        add_comment(plant, "pump:P-7", by="ada", text="hello")


def test_two_modes_on_sisters_are_two_suspicions(plant):
    plant.clock.set(NOON)
    both = [("P-1", "bearing_wear"), ("P-2", "bearing_wear"), ("P-3", "seal_leak"), ("P-4", "seal_leak")]
    consider_assessments(plant, [an_assessment(tag, risks=(Risk(mode, 336.0, "h", 0.9),)) for tag, mode in both])

    assert read(plant, lambda work: work.notices.list()) == []
