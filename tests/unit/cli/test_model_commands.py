"""Who is in charge: refusals that need no training."""


def test_features_of_a_class_without_readings_are_too_little_data(plantpdm, home):
    told = plantpdm("features", "pump", "--home", home)

    assert told.code == 3
    assert "plantpdm ingest" in told.err


def test_an_unknown_class_is_told_with_those_that_are_defined(plantpdm, home):
    told = plantpdm("train", "pumpe", "--home", home)

    assert told.code == 4
    assert "pumpe" in told.err


def test_a_forced_promotion_needs_a_reason(plantpdm, home):
    told = plantpdm("promote", "pump", "--approved-by", "Ben", "--force", "--home", home)

    assert told.code == 3
    assert "--reason TEXT" in told.err


def test_promoting_before_training_is_not_found(plantpdm, home):
    assert plantpdm("promote", "pump", "--approved-by", "Ben", "--home", home).code == 4


def test_going_back_needs_a_former_champion(plantpdm, home):
    told = plantpdm("rollback", "pump", "--reason", "it cries wolf", "--home", home)

    assert told.code == 4
    assert "no former champion" in told.err


def test_a_card_needs_a_model_in_charge(plantpdm, home):
    told = plantpdm("card", "pump", "--home", home)

    assert told.code == 4
    assert "has no champion" in told.err


def test_old_models_are_deleted_on_request_and_none_where_there_is_none(plantpdm, home):
    told = plantpdm("prune", "pump", "--keep", "5", "--home", home)

    assert (told.code, told.out) == (0, "pump: 0 models deleted\n")
    assert plantpdm("prune", "pump", "--keep", "0", "--home", home).code == 2
    assert plantpdm("prune", "pmup", "--home", home).code == 4


def test_drift_is_asked_of_models_in_charge_alone(plantpdm, home):
    assert plantpdm("drift", "--home", home).out == "no model is in charge\n"
    assert plantpdm("drift", "--home", home, "--json").answer == []
    assert plantpdm("drift", "pmup", "--home", home).code == 4
