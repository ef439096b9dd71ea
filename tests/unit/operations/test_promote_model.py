"""Who is in charge is decided by a person, against figures, and stands in the audit."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from pdm.catalogue import Gate
from pdm.errors import BundleError, Conflict, InputError, MissingExtra, NotFound, StoreError
from pdm.learning.answers import write_answers
from pdm.learning.leak_report import QUESTIONS, LeakLine, LeakReport
from pdm.operations.promote_model import promote_model, tell_what_it_missed
from pdm.operations.rollback_model import rollback_model
from pdm.registry.shelf import Aliases, BundleShelf
from pdm.testing.challengers import made_up_answers, put_up
from pdm.testing.plants import a_plant


@pytest.fixture
def plant(tmp_path):
    return a_plant(tmp_path)


@pytest.fixture
def train(plant):
    """Put a challenger with these figures on the shelf, as training does."""
    return partial(put_up, plant)


def shelf(plant) -> BundleShelf:
    return BundleShelf(plant.workspace.bundles)


def audit(plant):
    with plant.unit_of_work() as work:
        return work.audit.list(subject="model:pump")


def test_the_first_model_is_promoted_by_the_one_person_there_is_and_the_audit_says_so(plant, train):
    version = train(author="ada")

    promotion = promote_model(plant, "pump", approved_by="ada", reason="pilot line")

    assert promotion.first
    assert promotion.version == version
    assert shelf(plant).aliases("pump") == Aliases(champion=version)
    assert plant.tracker().alias("pump", "champion") == version
    (entry,) = audit(plant)
    assert (entry.who, entry.verb, entry.at) == ("ada", "promote", plant.clock.now())
    assert "one person there is" in entry.why
    assert "pilot line" in entry.why
    assert entry.details["version"] == version
    assert entry.details["first"] is True


def test_a_better_challenger_takes_over_with_every_figure_on_record(plant, train):
    first = train()
    promote_model(plant, "pump", approved_by="ada")
    second = train(error=0.2)

    promotion = promote_model(plant, "pump", approved_by="grace")

    assert (promotion.previous, promotion.version) == (first, second)
    assert not promotion.against
    assert shelf(plant).former("pump") == (first,)
    lines = audit(plant)[0].details["lines"]
    assert {"approved by someone else", "same held-out rows", "bearing_wear_within.later.brier"} <= {
        line["name"] for line in lines
    }
    assert all(line["passed"] is not False and line["reason"] for line in lines)
    (brier,) = [line for line in lines if line["name"].endswith("brier")]
    assert (brier["challenger"], brier["champion"]) == (pytest.approx(0.04, rel=0.05), pytest.approx(0.09, rel=0.05))
    assert brier["low"] <= brier["high"] < 0


def test_a_worse_challenger_is_refused_with_reasons_and_nothing_changes(plant, train):
    first = train()
    promote_model(plant, "pump", approved_by="ada")
    second = train(error=0.45)

    with pytest.raises(Conflict, match=r"brier: 0\.20\d* is worse than the champion's 0\.09"):
        promote_model(plant, "pump", second, approved_by="grace")

    assert shelf(plant).alias("pump", "champion") == first
    assert plant.tracker().alias("pump", "champion") == first
    assert len(audit(plant)) == 1


def test_a_person_may_overrule_the_figures_with_a_reason_that_stays_on_record(plant, train):
    train()
    promote_model(plant, "pump", approved_by="ada")
    second = train(error=0.45)

    with pytest.raises(InputError, match="needs a reason"):
        promote_model(plant, "pump", approved_by="grace", force=True)
    promotion = promote_model(plant, "pump", approved_by="grace", force=True, reason="the old sensors are gone")

    assert shelf(plant).alias("pump", "champion") == second
    assert "bearing_wear_within.later.brier" in {line.name for line in promotion.against}
    assert audit(plant)[0].details["forced"] is True
    assert audit(plant)[0].why == "the old sensors are gone"


def test_whoever_trained_a_later_model_does_not_approve_it_alone(plant, train):
    train()
    promote_model(plant, "pump", approved_by="ada")
    train(error=0.1, author="Grace")

    with pytest.raises(Conflict, match="approved by someone else"):
        promote_model(plant, "pump", approved_by="grace ")


def test_somebody_must_approve(plant, train):
    train()
    with pytest.raises(InputError, match="name of the person"):
        promote_model(plant, "pump", approved_by="  ")


def test_without_a_challenger_or_with_the_champion_itself_there_is_nothing_to_promote(plant, train):
    with pytest.raises(NotFound, match="has no challenger"):
        promote_model(plant, "pump", approved_by="ada")
    version = train()
    promote_model(plant, "pump", approved_by="ada")
    with pytest.raises(Conflict, match="champion of pump already"):
        promote_model(plant, "pump", version, approved_by="ada")


def test_a_damaged_challenger_never_takes_over(plant, train):
    first = train()
    promote_model(plant, "pump", approved_by="ada")
    second = train(error=0.1)
    file = shelf(plant).path("pump", second) / "bearing_wear_within.probability.txt"
    file.write_bytes(file.read_bytes()[:-9])

    with pytest.raises(BundleError, match="was changed since it was signed"):
        promote_model(plant, "pump", approved_by="grace")

    assert shelf(plant).alias("pump", "champion") == first


def test_a_damaged_champion_does_not_stand_in_the_way_of_its_successor(plant, train):
    first = train()
    promote_model(plant, "pump", approved_by="ada")
    second = train(error=0.49)
    (shelf(plant).path("pump", first) / "manifest.sig").write_bytes(bytes(64))

    promotion = promote_model(plant, "pump", approved_by="grace")

    assert promotion.version == second
    assert any("cannot be compared with" in line.reason for line in promotion.lines)


def test_what_the_tracker_refuses_is_kept_nowhere(plant, train):
    first = train()
    promote_model(plant, "pump", approved_by="ada")
    train(error=0.1)
    before = shelf(plant).aliases("pump")

    class Down:
        def set_alias(self, *_args):
            raise ConnectionError("tracking is down")

    with pytest.raises(ConnectionError):
        promote_model(replace(plant, tracker=Down), "pump", approved_by="grace")

    assert shelf(plant).aliases("pump") == before
    assert before.champion == first
    assert len(audit(plant)) == 1


def test_a_rollback_is_one_step_and_on_record(plant, train):
    first = train()
    promote_model(plant, "pump", approved_by="ada")
    second = train(error=0.1)
    promote_model(plant, "pump", approved_by="grace")

    promotion = rollback_model(plant, "pump", by="grace", reason="alerts on every pump")

    assert (promotion.version, promotion.previous) == (first, second)
    assert shelf(plant).aliases("pump") == Aliases(first, second, ())
    assert plant.tracker().alias("pump", "champion") == first
    entry = audit(plant)[0]
    assert (entry.who, entry.verb, entry.why) == ("grace", "roll back", "alerts on every pump")
    assert entry.details["version"] == first


def test_going_back_does_not_wait_for_a_tracker_that_is_away(plant, train):
    first = train()
    promote_model(plant, "pump", approved_by="ada")
    second = train(error=0.1)
    promote_model(plant, "pump", approved_by="grace")

    class Away:
        def set_alias(self, *_args):
            raise StoreError("MLflow cannot be asked")

    def not_installed():
        raise MissingExtra("train", "tracking with MLflow")

    with pytest.raises(StoreError):
        promote_model(replace(plant, tracker=Away), "pump", first, approved_by="grace", force=True, reason="try")
    assert shelf(plant).alias("pump", "champion") == second
    back = rollback_model(replace(plant, tracker=Away), "pump", by="grace", reason="alerts on every pump")

    assert (back.version, shelf(plant).alias("pump", "champion")) == (first, first)
    assert "MLflow cannot be asked" in back.untold
    promote_model(plant, "pump", second, approved_by="grace")
    bare = rollback_model(replace(plant, tracker=not_installed), "pump", by="grace", reason="again")
    assert "pip install" in bare.untold
    assert [entry.verb for entry in audit(plant)][:3] == ["roll back", "promote", "roll back"]
    assert plant.tracker().alias("pump", "champion") == second
    tell_what_it_missed(plant, plant.tracker(), "pump")
    assert plant.tracker().alias("pump", "champion") == first


def test_what_the_database_refuses_the_tracker_forgets(plant, train):
    first = train()
    promote_model(plant, "pump", approved_by="ada")
    train(error=0.1)

    def full():
        work = plant.unit_of_work()

        def commit():
            raise StoreError("the disk is full")

        work.commit = commit
        return work

    with pytest.raises(StoreError, match="disk is full"):
        promote_model(replace(plant, unit_of_work=full), "pump", approved_by="grace")

    assert plant.tracker().alias("pump", "champion") == shelf(plant).alias("pump", "champion") == first


def test_of_two_promotions_at_once_the_second_is_told_that_somebody_was_quicker(plant, train):
    first = train()
    promote_model(plant, "pump", approved_by="ada")
    second, third = train(error=0.2), train(error=0.1)
    both_compared = threading.Barrier(2)

    def after_both():
        both_compared.wait(timeout=30)
        return plant.unit_of_work()

    def promote(version):
        return promote_model(replace(plant, unit_of_work=after_both), "pump", version, approved_by="grace")

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(promote, version) for version in (second, third)]
        refused = [one.exception() for one in done]

    (conflict,) = [error for error in refused if error is not None]
    assert isinstance(conflict, Conflict)
    assert f"was held against {first}" in str(conflict)
    winner = (second, third)[refused.index(None)]
    assert shelf(plant).alias("pump", "champion") == plant.tracker().alias("pump", "champion") == winner
    assert shelf(plant).former("pump") == (first,)
    assert len(audit(plant)) == 2


def test_a_rollback_needs_a_name_a_reason_and_a_former_champion(plant, train):
    train()
    promote_model(plant, "pump", approved_by="ada")

    with pytest.raises(InputError, match="a name and a reason"):
        rollback_model(plant, "pump", by="ada", reason="")
    with pytest.raises(Conflict, match="no former champion"):
        rollback_model(plant, "pump", by="ada", reason="try")


@pytest.mark.parametrize(
    ("leaks", "words"),
    [
        (None, "has no leak report"),
        (LeakReport((LeakLine("folds", True, "fine"),)).plain(), "was not asked about .*future_peek"),
        (LeakReport(tuple(LeakLine(name, name != "folds", "fold 1 was seen") for name in QUESTIONS)).plain(), "fold 1"),
    ],
    ids=["none", "incomplete", "failed"],
)
def test_no_force_puts_a_model_in_charge_that_the_leak_guard_has_not_let_through(plant, train, leaks, words):
    train(leaks=leaks)

    with pytest.raises(Conflict, match=words):
        promote_model(plant, "pump", approved_by="ada", force=True, reason="we are in a hurry")

    assert shelf(plant).alias("pump", "champion") is None


def test_models_that_share_no_rows_that_neither_has_learnt_from_are_not_compared(plant, train):
    train()
    promote_model(plant, "pump", approved_by="ada")
    train(error=0.1, from_position=900.0)

    with pytest.raises(Conflict, match="share no rows that neither has learnt from"):
        promote_model(plant, "pump", approved_by="grace")


def test_held_out_answers_that_were_changed_afterwards_are_no_ground(plant, train):
    train()
    promote_model(plant, "pump", approved_by="ada")
    second = train(error=0.4)
    flattering = made_up_answers(plant.catalogue.model("pump").targets[0], 0.1)
    write_answers(plant.workspace.reports / "pump" / second, flattering)

    with pytest.raises(Conflict, match="was changed since the model was made"):
        promote_model(plant, "pump", approved_by="grace")


def with_gate(plant, *gates):
    model = replace(plant.catalogue.model("pump"), gates=gates)
    return replace(plant, catalogue=replace(plant.catalogue, models={**plant.catalogue.models, "pump": model}))


def test_a_plant_writes_its_own_gate(plant, train):
    train()
    promote_model(plant, "pump", approved_by="ada")
    worse = train(error=0.45)
    strict = with_gate(plant, Gate("brier", share=0.05, confidence=0.95), Gate("recall", at_least=0.5))
    lenient = with_gate(plant, Gate("brier", amount=0.5))

    with pytest.raises(Conflict, match=r"0% of the draws, 95% are asked"):
        promote_model(strict, "pump", approved_by="grace")

    assert promote_model(lenient, "pump", approved_by="grace").version == worse


def test_the_first_model_too_must_keep_the_bounds_of_the_gate(plant, train):
    train()

    with pytest.raises(Conflict, match=r"where the gate asks for at most 0\.9"):
        promote_model(with_gate(plant, Gate("recall", at_most=0.9)), "pump", approved_by="ada")


def test_a_second_name_is_asked_for_where_the_settings_say_so(plant, train):
    version = train()
    strict = replace(plant, settings=plant.settings.model_copy(update={"four_eyes": True}))

    with pytest.raises(Conflict, match="nobody has seconded it"):
        promote_model(strict, "pump", approved_by="ada")
    with pytest.raises(Conflict, match="cannot second themselves"):
        promote_model(strict, "pump", approved_by="ada", seconded_by=" Ada")

    assert promote_model(strict, "pump", approved_by="ada", seconded_by="grace").version == version
    assert audit(plant)[0].details["seconded_by"] == "grace"
