"""The short form of the 1,500 damaged bundles; tasted by forks of one warm process, which is what makes it short."""

import importlib.util
from pathlib import Path


def test_damaged_bundles_kill_nobody_and_never_answer_in_the_place_of_the_promoted_one():
    file = Path(__file__).with_name("mutated_bundles.py")
    spec = importlib.util.spec_from_file_location("mutated_bundles", file)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    found = script.run(60, seed=1, quick=True)

    assert found["cases"] == 60
    assert found["killed"] == found["entered_in_place"] == found["nobody_answered"] == 0
    assert found["refused"] >= 45
    assert set(found["ways"]) == {*script.IN_PLACE, script.ANEW}
