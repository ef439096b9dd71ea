"""Every text that LightGBM writes for us passes, and every damaged shape is told apart."""

import lightgbm
import numpy as np
import pytest

from pdm.errors import BundleError
from pdm.registry.booster_text import check_booster_text


def grow(label, objective="binary", rounds=5, leaves=6):
    matrix = np.random.default_rng(4).normal(size=(len(label), 3)).astype(np.float32)
    matrix[::7, 1] = np.nan
    data = lightgbm.Dataset(matrix, label, feature_name=["f0", "f1", "f2"])
    parameters = {"objective": objective, "num_leaves": leaves, "num_threads": 1, "verbosity": -1}
    return lightgbm.train(parameters, data, rounds).model_to_string()


STEPS = (np.arange(200) % 2).astype(float)


@pytest.mark.parametrize(
    "text",
    [
        grow(STEPS),
        grow(STEPS * 90 + 3, "regression"),
        grow(np.zeros(200), "regression"),
        grow(STEPS, leaves=2),
        grow(STEPS, leaves=63, rounds=40),
    ],
    ids=["binary", "regression", "constant", "stumps", "large"],
)
def test_what_lightgbm_writes_passes(text):
    check_booster_text("a.txt", text, 3)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("tree\n", "three\n", "its header is cut short"),
        ("num_class=1", "num_class=2", "several outputs"),
        ("max_feature_idx=2", "max_feature_idx=9", "knows 10 features, not 3"),
        ("feature_infos=", "feature_infos=none ", "feature_infos does not list 3"),
        ("objective=binary sigmoid:1", "objective=lambdarank", "its objective is 'lambdarank'"),
        ("tree_sizes=", "tree_sizes=0 ", "tree 0 is not where"),
        ("label_index=0", "label_index=0\nlabel_index=0", "does not belong there"),
        ("end of parameters", "end of parameter", "what follows its last tree is damaged"),
        ("num_cat=0", "num_cat=3", "kind that this platform does not train"),
        ("num_leaves=", "num_leavez=", "num_leaves is missing"),
    ],
)
def test_a_damaged_shape_is_told_with_the_file_and_what_is_wrong(old, new, words):
    text = grow(STEPS).replace(old, new, 1)

    with pytest.raises(BundleError, match=words) as refused:
        check_booster_text("a.txt", text, 3)

    assert str(refused.value).startswith("a.txt is no LightGBM text")
    assert refused.value.hint


@pytest.mark.parametrize("key", ["left_child", "right_child", "split_feature", "leaf_value", "threshold"])
@pytest.mark.parametrize("word", ["7", "-9", "nan", "x", ""])
def test_a_wrong_number_in_an_array_of_the_tree_is_found(key, word):
    text = grow(STEPS, rounds=1)
    line = next(line for line in text.split("\n") if line.startswith(key))
    changed = f"{key}={word}{line[line.index(' ') :]}" if " " in line else f"{key}={word}"
    damaged = text.replace(line, changed)
    size = next(line for line in text.split("\n") if line.startswith("tree_sizes"))
    damaged = damaged.replace(size, f"tree_sizes={int(size.split('=')[1]) + len(damaged) - len(text)}")
    if key in ("leaf_value", "threshold") and word in ("7", "-9"):
        check_booster_text("a.txt", damaged, 3)  # another number is for the golden rows to find
        return

    with pytest.raises(BundleError):
        check_booster_text("a.txt", damaged, 3)
