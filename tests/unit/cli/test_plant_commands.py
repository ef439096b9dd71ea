"""Make a plant, look it over, serve it."""


def test_a_new_plant_says_what_lies_where_and_what_comes_next(plantpdm, tmp_path):
    told = plantpdm("init", tmp_path / "mill", "--time-zone", "Europe/Berlin")

    assert told.code == 0
    assert "features/" in told.out
    assert "Next: plantpdm assets" in told.out
    assert (tmp_path / "mill" / "plantpdm.toml").is_file()


def test_a_wrong_zone_makes_no_plant(plantpdm, tmp_path):
    told = plantpdm("init", tmp_path / "mill", "--time-zone", "Berlin")

    assert told.code == 1
    assert not (tmp_path / "mill").exists()


def test_a_plant_is_never_made_over_another_or_over_somebodys_files(plantpdm, home, tmp_path):
    (tmp_path / "work" / "models").mkdir(parents=True)

    assert plantpdm("init", home).code == 4
    told = plantpdm("init", tmp_path / "work")
    assert told.code == 4
    assert "models exists already" in told.err


def test_a_sound_plant_passes_the_doctor(plantpdm, home):
    checks = plantpdm("doctor", "--home", home, "--json").answer

    assert {"name": "audit", "level": "ok", "sentence": "the chain of 0 entries is whole"} in checks


def test_a_broken_definition_is_a_problem_with_file_and_line_and_exit_code_one(plantpdm, home):
    file = home / "features" / "pump.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("running_only", "runing_only"), encoding="utf-8")

    told = plantpdm("doctor", "--home", home)

    assert told.code == 1
    assert "PROBLEM" in told.out
    assert "pump.toml:" in told.out
    assert "running_only" in told.out


def test_serving_what_is_no_plant_is_one_sentence(plantpdm, tmp_path):
    told = plantpdm("serve", "--home", tmp_path)

    assert told.code == 4
    assert told.err.count("\n") == 1


def test_serving_to_other_machines_needs_a_token(plantpdm, home):
    told = plantpdm("serve", "--home", home, "--host", "192.0.2.7")

    assert told.code == 1
    assert "access_token" in told.err
