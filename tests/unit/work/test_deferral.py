"""What may be put off, and what never is, in the words that plants write."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.catalogue import Axis
from pdm.catalogue.planning import DeferralTerms
from pdm.records.planning import PlannedTask
from pdm.scoring.assessment import RemainingLife, Risk
from pdm.testing.builders import NOON, an_assessment
from pdm.work.deferral import Candidate, candidate, cycle_of, never_deferred

DAY = timedelta(days=1)
TERMS = DeferralTerms()
TASK = PlannedTask("sap-ip24", "120034", "P-101", "Coupling check", "6", "MON", NOON + 10 * DAY)
SOUND = an_assessment(
    probability=0.001, risks=(Risk("bearing_wear", 336.0, "h", 0.001), Risk("seal_leak", 336.0, "h", 0.001))
)

NEVER = {
    "statutory": [
        "Wiederkehrende Prüfung nach BetrSichV",
        "DGUV V3 Prüfung ortsveränderliche Geräte",
        "TÜV-Prüfung Druckbehälter B-201",
        "UVV-Prüfung Kran 3",
        "Gesetzlich vorgeschriebene Dichtheitskontrolle",
        "Prüfung durch befähigte Person",
        "Hebezeuge prüfen",
        "Statutory inspection of lifting gear",
        "PSSR written scheme of examination",
        "LOLER thorough examination hoist",
        "Pressure vessel internal inspection",
        "Emissions monitoring, regulatory",
        "Insurance inspection boiler",
    ],
    "safety-critical": [
        "Sicherheitsventil SV-101 tauschen",
        "NOT-AUS prüfen",
        "Not-Halt Taster Linie 2",
        "Feuerlöscher kontrollieren",
        "Brandmeldeanlage warten",
        "Ex-Schutz-Kontrolle Zone 1",
        "Gaswarnanlage warten",
        "Blitzschutz messen",
        "Schutzeinrichtungen kontrollieren",
        "Überfüllsicherung prüfen",
        "Berstscheibe wechseln",
        "Check safety interlocks",
        "PSV bench overhaul",
        "ESD valve maintenance",
        "Fire water pump weekly run",
        "Emergency lighting check",
        "Gas detector sensor replacement",
        "ATEX inspection motor",
        "Check machine guards",
    ],
    "proof test": [
        "Funktionsprüfung Temperaturwächter",
        "Wiederholungsprüfung SIL 2 Kreis",
        "Überdrehzahltest Turbine: Überdrehzahl auslösen",
        "Druckprobe Leitung",
        "Proof test level transmitter",
        "SIL2 loop check",
        "Partial stroke test valve 12",
        "Overspeed test",
        "Functional test of standby",
    ],
    "calibration": [
        "Kalibrierung Druckmessumformer PT-12",
        "Waage eichen",
        "Nullpunkt abgleichen",
        "Justieren Durchflussmessung",
        "Calibrate pH probe",
        "Recalibration of torque wrench",
        "Verification of fiscal meter",
    ],
    "lubrication": [
        "Abschmieren Lager DE/NDE",
        "Schmierdienst Linie 1",
        "Nachfetten Motor",
        "Ölwechsel Getriebe",
        "Getriebeöl wechseln",
        "OELSTAND PRUEFEN",
        "Grease motor bearings",
        "Regreasing fan",
        "Oil change gearbox",
        "Lubrication route 3",
        "Check oil level",
    ],
}
HARMLESS = [
    "Kupplung prüfen",
    "Riemenspannung prüfen",
    "Filter wechseln",
    "Saugkorb reinigen",
    "Speicher und Bereich reinigen",
    "Rollen in Köln tauschen",
    "Schwingungsmessung",
    "Sichtprüfung Pumpe",
    "Ausrichtung kontrollieren",
    "Coupling check",
    "Belt tension check",
    "Clean strainer",
    "Replace filter elements",
    "Vibration route",
    "Boiler feed pump: clean suction strainer",
    "Alignment check",
]


@pytest.mark.parametrize(("reason", "text"), [(reason, text) for reason, texts in NEVER.items() for text in texts])
def test_a_task_that_guards_people_law_measures_or_bearings_is_never_offered(reason, text):
    assert never_deferred(text)
    assert isinstance(candidate(replace(TASK, text=text), SOUND, Axis(), TERMS, now=NOON), str)
    assert never_deferred(text.upper()), "SAP writes in capitals"
    if reason in ("calibration", "lubrication"):
        assert never_deferred(text) == reason


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_task_on_a_sound_machine_is_offered(text):
    found = candidate(replace(TASK, text=text), SOUND, Axis(), TERMS, now=NOON)

    assert isinstance(found, Candidate), found


def test_the_plants_flag_and_its_own_words_stand_above_the_rule():
    flagged = candidate(TASK, SOUND, Axis(), TERMS, flag="statutory", now=NOON)
    own = candidate(TASK, SOUND, Axis(), replace(TERMS, words=("coupling",)), now=NOON)

    assert flagged == "never deferred: statutory"
    assert own == "never deferred: the plant's own word 'coupling'"


def test_without_a_text_nobody_can_tell_and_so_it_is_not_offered():
    assert "never deferred" in candidate(replace(TASK, text=" "), SOUND, Axis(), TERMS, now=NOON)


def test_the_new_date_keeps_within_share_of_the_cycle_and_the_accepted_risk():
    found = candidate(TASK, SOUND, Axis(), TERMS, now=NOON)

    assert found.until <= TASK.due + 0.25 * cycle_of(TASK)
    assert found.risk <= TERMS.risk
    assert found.until >= TASK.due + TERMS.shortest


def test_the_risks_of_all_modes_count_together():
    one = candidate(TASK, replace(SOUND, risks=SOUND.risks[:1]), Axis(), TERMS, now=NOON)
    two = candidate(TASK, SOUND, Axis(), TERMS, now=NOON)

    assert two.risk > one.risk


@pytest.mark.parametrize(
    ("assessment", "why"),
    [
        (None, "nobody knows how the machine is"),
        (replace(SOUND, data="stale"), "nobody knows how the machine is"),
        (replace(SOUND, model="error"), "nobody knows how the machine is"),
        (replace(SOUND, condition="watch"), "condition is watch"),
        (replace(SOUND, condition="unknown"), "condition is unknown"),
        (replace(SOUND, risks=()), "nobody knows how likely"),
        (replace(SOUND, risks=(Risk("bearing_wear", 336.0, "h", 0.03),)), "passes 2% too soon"),
        (replace(SOUND, remaining_life=RemainingLife(900.0, 400.0, 1500.0, "h")), "too soon"),
    ],
)
def test_a_machine_that_is_not_known_to_be_well_puts_nothing_off(assessment, why):
    assert why in candidate(TASK, assessment, Axis(), TERMS, now=NOON)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"due": None}, "not due"),
        ({"due": NOON - DAY}, "not due"),
        ({"due": NOON + 90 * DAY}, "not due"),
        ({"unit": "H", "cycle": "500"}, "not on the calendar"),
        ({"cycle": ""}, "not on the calendar"),
    ],
)
def test_tasks_that_are_nobodys_question_are_left_out_with_the_reason(changes, why):
    assert why in candidate(replace(TASK, **changes), SOUND, Axis(), TERMS, now=NOON)


def test_an_open_alert_on_the_machine_puts_nothing_off():
    assert candidate(TASK, SOUND, Axis(), TERMS, busy="an alert is open on it", now=NOON) == "an alert is open on it"
