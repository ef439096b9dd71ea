"""Transforms and derived features in `models/<class>.toml`: what may stand there, and how a mistake is told with its line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pdm.catalogue import AssetClass, HealthIndices, ModelDefinition, RegimeNormaliser
from pdm.catalogue.load import load_class, load_model
from pdm.errors import DefinitionError
from pdm.learning.transforms.derive import derived_names, describe_derived
from pdm.registry.codec import decode, encode
from pdm.workspace import bundled_room

TRANSFORMS = """
[[transform]]
kind = "regimes"
settings = { op1 = 1, op2 = 50 }
count = 3

[[transform]]
kind = "health_indices"
indices = ["ridge", "fisher"]
cap = "100 cycles"

[derived_features]
windows = [{ rows = 5 }, { rows = 20 }]
channels = ["hi_ridge", "hi_fisher"]

[derived_features.calculators]
mean = true

[[derived_features.combination]]
name = "{channel}__over_{rows}"
title = "change of {channel} over {rows} cycles"
top = { "{channel}@5rows__mean" = 1, "{channel}@{rows}rows__mean" = -1 }
rows = [20]
"""


@pytest.fixture(scope="module")
def turbofan() -> AssetClass:
    return load_class(bundled_room("features") / "turbofan.toml")


def a_model(folder: Path, turbofan: AssetClass, transforms: str) -> ModelDefinition:
    plain = (bundled_room("models") / "turbofan.toml").read_text(encoding="utf-8")
    plain = plain.split("[[transform]]")[0].replace("class_features = false\n", "")
    (folder / "turbofan.toml").write_text(plain + transforms, encoding="utf-8")
    return load_model(folder / "turbofan.toml", {"turbofan": turbofan})


def test_transforms_and_the_features_on_them_are_definitions(tmp_path: Path, turbofan: AssetClass):
    model = a_model(tmp_path, turbofan, TRANSFORMS)

    regimes, health = model.transforms
    assert isinstance(regimes, RegimeNormaliser)
    assert regimes.settings == {"op1": 1.0, "op2": 50.0}
    assert isinstance(health, HealthIndices)
    assert health.cap == 100.0
    assert model.derived_features is not None
    assert model.derived_features.channels == ("hi_ridge", "hi_fisher")
    assert [item.name for item in model.combinations] == ["hi_ridge__over_20", "hi_fisher__over_20"]
    assert model.combinations[1].top == {"hi_fisher@5rows__mean": 1.0, "hi_fisher@20rows__mean": -1.0}


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("count = 3", "cuont = 3", "did you mean 'count'"),
        ('kind = "regimes"', 'kind = "regime"', "regimes"),
        ("op2 = 50", "op9 = 50", "'op9' is no channel"),
        ('"hi_fisher"]\n\n', '"hi_ficher"]\n\n', "'hi_ficher' is neither measured nor derived"),
        ("{ rows = 20 }]", "{ rows = 20, every = 2 }]", "every"),
        ('"{channel}@5rows__mean"', '"{channel}@7rows__mean"', "no derived feature"),
        ('cap = "100 cycles"', 'channels = ["s99"]', "'s99' is neither measured nor derived before"),
    ],
)
def test_a_mistake_is_told_with_file_and_reason(tmp_path: Path, turbofan: AssetClass, good: str, bad: str, said: str):
    assert good in TRANSFORMS

    with pytest.raises(DefinitionError, match=r"turbofan\.toml:\d+") as caught:
        a_model(tmp_path, turbofan, TRANSFORMS.replace(good, bad))

    assert said in f"{caught.value} {caught.value.hint}"


def test_an_unknown_key_of_a_transform_is_told_with_its_line(tmp_path: Path, turbofan: AssetClass):
    with pytest.raises(DefinitionError) as caught:
        a_model(tmp_path, turbofan, TRANSFORMS.replace("count = 3", "cuont = 3"))

    lines = (tmp_path / "turbofan.toml").read_text(encoding="utf-8").splitlines()
    assert f"turbofan.toml:{lines.index('cuont = 3') + 1}:" in str(caught.value)


def test_wear_paths_look_at_whole_lives_and_only_their_newest_value_is_a_feature(tmp_path: Path, turbofan: AssetClass):
    paths = TRANSFORMS.replace(
        "[derived_features]", '[[transform]]\nkind = "wear_paths"\n\n[derived_features]\nnewest = ["path_left"]'
    )

    with pytest.raises(DefinitionError, match="look at the whole life"):
        a_model(tmp_path, turbofan, paths)
    model = a_model(tmp_path, turbofan, paths + "\n[derived_features.life]\nage = true\n")

    assert model.newest == ("path_left",)
    assert model.derived_features is not None
    assert "path_left" not in model.derived_features.channels
    names = derived_names(model, turbofan)
    assert [name for name in names if name.startswith("path_")] == ["path_left__mean"]
    assert "path of wear" in describe_derived("path_left__mean", model, turbofan).sentence
    assert decode(ModelDefinition, json.loads(json.dumps(encode(model)))) == replace(model, source=None)


@pytest.mark.parametrize(
    ("line", "words"),
    [('newest = ["path_gone"]', "'path_gone', which no transform gives"), ('newest = ["hi_ridge"]', "choose one")],
)
def test_a_newest_value_that_cannot_be_is_told(tmp_path: Path, turbofan: AssetClass, line: str, words: str):
    with pytest.raises(DefinitionError, match=words):
        a_model(tmp_path, turbofan, TRANSFORMS.replace("[derived_features]", f"[derived_features]\n{line}"))
