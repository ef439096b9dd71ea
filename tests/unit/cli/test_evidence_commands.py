"""plantpdm evidence: what several plants saw and recorded goes in, one weighing for the next training comes out."""

import pytest

from pdm.learning.watch.gather import write_evidence
from pdm.testing.evidence import evidence_of_a_plant


@pytest.fixture
def files(tmp_path):
    for seed in range(4):
        write_evidence(evidence_of_a_plant(seed, telling=True), tmp_path / f"{seed}.parquet")
    return sorted(tmp_path.glob("*.parquet"))


def test_pooled_evidence_is_weighed_and_says_what_it_rests_on_and_where_it_lies(plantpdm, home, files):
    told = plantpdm("evidence", "weigh", *files, "--home", home).out

    assert "60 recorded failures of 4 plants: on plants that taught nothing it warned of +" in told
    assert f"the next training uses {home / 'evidence' / 'weighing.json'}" in told


def test_one_plant_alone_is_refused_with_what_is_missing(plantpdm, home, files):
    refused = plantpdm("evidence", "weigh", files[0], files[0], "--home", home)

    assert refused.code == 3
    assert "15 recorded failures of 1 plants: 20 of 4 are needed" in refused.err


def test_a_plant_without_readings_has_no_evidence_to_export(plantpdm, home, tmp_path):
    refused = plantpdm("evidence", "export", tmp_path / "mine.parquet", "--home", home)

    assert refused.code == 3
    assert "there are no readings to gather evidence from" in refused.err
    assert not (tmp_path / "mine.parquet").exists()
