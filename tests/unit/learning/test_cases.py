import json

import numpy as np
import pytest

from pdm.learning.cases import Library, PastMoment, library_from, nearest


def test_every_failed_life_gives_moments_late_halfway_and_early(trained_engines, engines):
    library = library_from(trained_engines.model.cases)["wear_within_20"]
    failed = [one for one in library.cases if one.mode]

    assert {one.mode for one in failed} == {"wear"}
    assert all(0 <= one.lead <= 20 for one in failed)
    leads = np.array([one.lead for one in failed])
    assert min(leads) <= 3
    assert max(leads) >= 17
    ended = engines.lives[engines.lives["ended_by"] == "failure"].set_index("asset")["end"]
    assert all(one.at + one.lead == pytest.approx(ended[one.asset]) for one in failed)


def test_sound_look_alikes_are_kept_one_for_each_machine(trained_engines, engines):
    library = library_from(trained_engines.model.cases)["wear_within_20"]
    sound = [one for one in library.cases if not one.mode]
    ended = engines.lives[engines.lives["ended_by"] == "failure"].set_index("asset")["end"]

    assert len({one.asset for one in sound}) == len(sound) > 5
    assert all(ended.get(one.asset, np.inf) - one.at >= 20 for one in sound)


def test_worn_moments_are_nearer_to_each_other_than_to_sound_ones(trained_engines):
    library = library_from(trained_engines.model.cases)["wear_within_20"]
    late = [n for n, one in enumerate(library.cases) if one.mode and one.lead <= 3]
    hits = [
        case.mode
        for n in late[:10]
        for case, _ in nearest(library, library.vectors[n], top=3, not_of=library.cases[n].asset)
    ]

    assert hits.count("wear") >= 0.9 * len(hits)


def test_the_library_is_small_plain_json_for_every_target(trained_engines):
    text = json.dumps(trained_engines.model.cases, allow_nan=False)

    assert set(trained_engines.model.cases) == {"wear_within_20", "remaining_life"}
    assert len(text) < 200_000
    assert library_from(json.loads(text))["remaining_life"].channels == ("load", "noise", "wear")


def test_a_machine_is_no_precedent_of_itself_and_speaks_once():
    cases = (PastMoment("A", 1.0, "wear", 2.0), PastMoment("A", 2.0, "wear", 1.0), PastMoment("B", 1.0, "", 20.0))
    library = Library(("flow", "heat"), cases, np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 0.1]]))

    found = nearest(library, np.array([2.0, 0.0]), top=5)
    assert [(one.asset, one.at, likeness) for one, likeness in found] == [("A", 2.0, 1.0), ("B", 1.0, 0.046)]
    assert [one.asset for one, _ in nearest(library, np.array([2.0, 0.0]), top=5, not_of="A")] == ["B"]
    assert [likeness for _, likeness in nearest(library, np.zeros(2), top=1)] == [0.0]


@pytest.mark.parametrize("spoilt", [[[1.0, "x"]], [[1.0]], [[float("nan"), 1.0]]])
def test_a_library_that_is_nonsense_is_refused(spoilt):
    plain = {
        "t": {
            "channels": ["a", "b"],
            "cases": [{"asset": "A", "at": 1.0, "mode": "", "lead": 2.0, "effects": spoilt[0]}],
        }
    }

    with pytest.raises(ValueError):
        library_from(plain)
