"""The effect of a repair, read from a plant's assessments, readings and events."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.errors import InputError, NotFound
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.record_verdict import record_verdict
from pdm.readings.store import ReadingStore
from pdm.scoring.assessment import Risk
from pdm.testing.builders import NOON, an_assessment
from pdm.testing.plants import a_plant
from pdm.views.alert import alert_page
from pdm.views.effect import repair_effect

DAY = timedelta(days=1)
REPAIR = NOON + 10 * DAY


def assessed(days, probability):
    at = NOON + days * DAY
    risks = (Risk("bearing_wear", 336.0, "h", probability),)
    return replace(an_assessment(risks=risks), as_of=at, data_time=at)


def keep(plant, assessments):
    with plant.unit_of_work() as work:
        work.assessments.save(assessments)
        work.commit()


def repaired(tmp_path, *, after, risk_after, until=20, restores=False, action="repaired"):
    """Sound for 40 days at 2 mm/s, worn at 6 mm/s from NOON on, repaired on day 10."""
    plant = a_plant(tmp_path, now=NOON - 40 * DAY)
    times = pd.date_range(NOON - 40 * DAY, NOON + until * DAY, freq="3h").as_unit("us")
    noise = np.random.default_rng(1).normal(0.0, 0.2, len(times))
    level = np.select([times < NOON, times <= REPAIR], [2.0, 6.0], after)
    rows = pd.DataFrame({"asset": "P-101", "time": times, "vibration": level + noise})
    store = ReadingStore(plant.history)
    store.merge(plant.catalogue.asset_class("pump"), rows, source="test", recorded_at=NOON + until * DAY)
    keep(plant, [assessed(day - 0.5, 0.02) for day in range(-39, 1)])
    plant.clock.set(NOON)
    consider_assessments(plant, [assessed(0, 0.8)])
    keep(plant, [assessed(day, 0.8) for day in range(1, 10)])
    with plant.unit_of_work() as work:
        case = work.cases.open_for("P-101")
    plant.clock.set(REPAIR)
    record_verdict(
        plant, case.id, by="ada", found="damage", inspected=True, severity="degraded", action=action, restores=restores
    )
    keep(plant, [assessed(day, risk_after) for day in range(11, until)])
    plant.clock.set(NOON + until * DAY)
    return plant, case.id


def test_what_came_back_to_its_sound_level_is_restored(tmp_path):
    plant, case = repaired(tmp_path, after=2.0, risk_after=0.03)

    found = repair_effect(plant, case)

    assert found.word == "restored"
    assert [one.name for one in found.levels] == ["risk", "Vibration, drive end"]
    vibration = found.levels[1]
    assert (vibration.sound, vibration.before, vibration.after) == pytest.approx((2.0, 6.0, 2.0), abs=0.1)
    assert "a new baseline" in found.advice
    with plant.unit_of_work() as work:
        (alert,) = work.alerts.list(case_id=case)
    assert alert_page(plant, alert.id).effect.startswith("Restored. risk: 2% when sound, 80% before the repair")


def test_what_stayed_where_it_was_asks_to_be_opened_again(tmp_path):
    plant, case = repaired(tmp_path, after=6.0, risk_after=0.8, restores=True)

    found = repair_effect(plant, case)

    assert found.word == "not restored"
    assert "open it again" in found.advice


def test_on_the_day_after_it_is_too_early(tmp_path):
    plant, case = repaired(tmp_path, after=2.0, risk_after=0.03, until=12)

    assert repair_effect(plant, case).word == "too early"


def test_without_a_repair_there_is_nothing_to_judge(tmp_path):
    plant, case = repaired(tmp_path, after=6.0, risk_after=0.03, action="monitored")

    with pytest.raises(InputError, match="no repair"):
        repair_effect(plant, case)
    with pytest.raises(NotFound):
        repair_effect(plant, "ca-nothing")
