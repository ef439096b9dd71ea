"""Answer alerts, approve work, say what was found; the audit has it all."""

import csv
from datetime import UTC, datetime

import pandas as pd

from pdm.operations.ingest_events import ingest_events
from pdm.wiring import build_plant


def first(plantpdm, home, *command):
    return plantpdm(*command, "list", "--home", home, "--json").answer[0]["id"]


def test_lists_say_when_there_is_nothing(plantpdm, home):
    assert plantpdm("alerts", "list", "--home", home).out == "no open alerts\n"
    assert plantpdm("cases", "list", "--home", home).out == "no open cases\n"
    assert plantpdm("requests", "list", "--home", home).out == "no open work requests\n"
    assert plantpdm("audit", "list", "--home", home).out == "nothing on record\n"


def test_an_alert_is_claimed_released_shelved_brought_back_and_closed(plantpdm, worried):
    alert = first(plantpdm, worried, "alerts")

    def take(verb, *more):
        return plantpdm("alerts", verb, alert, "--home", worried, *more, "--json").answer

    assert take("acknowledge")["state"] == "acknowledged"
    assert take("claim", "--by", "Ben")["owner"] == "Ben"
    assert take("release")["owner"] == ""
    assert take("shelve", "--why", "parts come on Monday", "--days", 3)["state"] == "shelved"
    assert take("unshelve")["state"] == "unacknowledged"
    assert take("close", "--why", "pump is scrapped")["state"] == "closed"
    assert plantpdm("alerts", "list", "--home", worried).out == "no open alerts\n"
    assert alert in plantpdm("alerts", "list", "--all", "--home", worried).out


def test_the_list_notes_a_repair_that_was_written_down_after_the_alert_was_raised(plantpdm, worried):
    assert plantpdm("alerts", "list", "--home", worried, "--json").answer[0]["note"] == ""
    done = {"asset": "P-101", "time": datetime.now(UTC), "kind": "repair", "maintainable_item": "bearing"}
    ingest_events(build_plant(worried), pd.DataFrame([done]), source="cmms")

    [listed] = plantpdm("alerts", "list", "--home", worried, "--json").answer

    assert listed["note"].startswith("a repair is on record since ")
    assert listed["note"] in plantpdm("alerts", "list", "--home", worried).out


def test_closing_without_a_reason_is_wrong_usage_and_a_step_that_is_not_there_is_a_conflict(plantpdm, worried):
    alert = first(plantpdm, worried, "alerts")

    assert plantpdm("alerts", "close", alert, "--home", worried).code == 2
    told = plantpdm("alerts", "unshelve", alert, "--home", worried)
    assert told.code == 4
    assert "possible from here" in told.err


def test_a_case_is_taken_given_away_put_back_and_opened_again(plantpdm, worried):
    case = first(plantpdm, worried, "cases")

    def say(verb, *more):
        return plantpdm("cases", verb, case, "--home", worried, *more)

    assert say("claim", "--json").answer["owner"] == "Ada"
    assert plantpdm("alerts", "list", "--home", worried, "--json").answer[0]["owner"] == "Ada"
    assert (say("claim", "--by", "Ben").code, say("assign").code) == (4, 2)
    assert say("assign", "--to", "Ben").out == f"{case} is Ben's\n"
    assert say("release", "--why", "holidays").out == f"{case} is nobody's\n"
    assert say("release").code == 4
    assert say("reopen", "--why", "it whines").code == 4
    plantpdm("verdict", case, "--found", "damage", "--severity", "degraded", "--inspected", "--home", worried)
    assert "follows" in say("reopen", "--why", "it whines").out


def test_a_request_is_read_approved_and_handed_over_once(plantpdm, worried):
    request = first(plantpdm, worried, "requests")

    assert "bearing wear" in plantpdm("requests", "show", request, "--home", worried).out
    plantpdm("requests", "approve", request, "--home", worried)
    assert plantpdm("requests", "deliver", "--home", worried, "--json").answer["sent"] == 1
    assert plantpdm("requests", "deliver", "--home", worried, "--json").answer["sent"] == 0
    with (worried / "outgoing" / "work_requests.csv").open(encoding="utf-8") as file:
        assert [row["asset"] for row in csv.DictReader(file)] == ["P-101"]


def test_a_request_is_cancelled_with_a_reason(plantpdm, worried):
    request = first(plantpdm, worried, "requests")

    told = plantpdm("requests", "cancel", request, "--why", "pump is scrapped", "--home", worried, "--json").answer

    assert told["state"] == "cancelled"


def test_raising_a_request_again_gives_the_same_one(plantpdm, worried):
    case, request = first(plantpdm, worried, "cases"), first(plantpdm, worried, "requests")

    assert plantpdm("requests", "raise", case, "--home", worried, "--json").answer["id"] == request


def test_a_receiver_that_fails_is_exit_code_one_and_the_request_is_kept(plantpdm, worried):
    request = first(plantpdm, worried, "requests")
    (worried / "outgoing").write_text("a file where the folder should be", encoding="utf-8")
    plantpdm("requests", "approve", request, "--home", worried)

    told = plantpdm("requests", "deliver", "--home", worried)

    assert told.code == 1
    assert "1 failed and kept" in told.out


def test_a_verdict_closes_the_case_and_stays_on_record(plantpdm, worried):
    case = first(plantpdm, worried, "cases")
    found = ("--found", "damage", "--inspected", "--severity", "degraded", "--action", "replaced", "--restores")

    told = plantpdm("verdict", case, *found, "--hours", 6, "--by", "Ben", "--home", worried, "--json").answer

    assert (told["maintainable_item"], told["actual_hours"]) == ("bearing", 6.0)
    assert plantpdm("cases", "list", "--home", worried).out == "no open cases\n"
    assert plantpdm("verdict", case, "--found", "nothing", "--inspected", "--home", worried).code == 4


def test_damage_without_its_severity_is_refused(plantpdm, worried):
    case = first(plantpdm, worried, "cases")

    told = plantpdm("verdict", case, "--found", "damage", "--inspected", "--home", worried)

    assert told.code == 3
    assert "severity" in told.err


def test_the_chain_of_the_audit_is_walked(plantpdm, worried):
    assert plantpdm("audit", "verify", "--home", worried, "--json").answer["entries"] > 0


def test_scoring_a_plant_without_models_says_what_to_do(plantpdm, home):
    told = plantpdm("score", "--home", home)

    assert told.code == 0
    assert "2 assets without a model: plantpdm train CLASS" in told.out


def test_a_replay_needs_both_its_ends_or_a_length(plantpdm, home):
    assert plantpdm("replay", "--from", "2026-05-01", "--home", home).code == 3
    assert plantpdm("replay", "--last", "3d", "--from", "2026-05-01", "--home", home).code == 3
    assert plantpdm("replay", "--last", "2d", "--home", home, "--json").answer["rounds"] == 3


def test_a_failure_that_nobody_predicted_is_reported_and_counts_as_missed(plantpdm, home):
    told = plantpdm("failure", "report", "P-102", "--at", "2h", "--text", "tripped", "--by", "Ben", "--home", home)
    again = plantpdm("failure", "report", "P-999", "--at", "2h", "--home", home)

    assert "nobody saw it coming" in told.out
    assert again.code != 0
    assert plantpdm("alerts", "health", "--home", home, "--json").answer["missed"] == 1


def test_the_effect_of_a_repair_is_told_or_that_there_is_none(plantpdm, worried):
    case = first(plantpdm, worried, "cases")
    before = plantpdm("cases", "effect", case, "--home", worried)
    found = ("--found", "damage", "--inspected", "--severity", "degraded", "--action", "repaired")
    plantpdm("verdict", case, *found, "--home", worried)

    assert before.code != 0
    assert "no repair" in before.err
    assert plantpdm("cases", "effect", case, "--home", worried).out.startswith("Cannot say")
