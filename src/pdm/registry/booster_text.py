"""Read a LightGBM text with our own eyes before LightGBM does: it trusts lengths and child numbers, and a wrong one reads foreign memory.

Such a text may load today and kill the process tomorrow, so that even the disposable process is no proof against it. What is
checked is the shape: every array as long as its tree says, every child referred to once, every number a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from pdm.errors import BundleError

_HINT = "train again, or restore the bundle from the backup"
_SPLITS = ("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child")
_SPLIT_FACTS = ("internal_value", "internal_weight", "internal_count")
_LEAVES = ("leaf_value", "leaf_weight", "leaf_count")
_WHOLE = frozenset({"split_feature", "decision_type", "left_child", "right_child", "leaf_count", "internal_count"})
_FINITE = frozenset({"threshold", "leaf_value"})  # the others are LightGBM's notes to itself: no answer depends on them
_REQUIRED = frozenset({"num_leaves", "num_cat", "is_linear", "shrinkage", *_SPLITS, *_SPLIT_FACTS, *_LEAVES})
_HEADER = frozenset({"num_class", "num_tree_per_iteration", "max_feature_idx", "objective", "tree_sizes"})
# LightGBM looks for the end of the parameters without asking whether there is one.
_TAIL = re.compile(
    r"end of trees\n\nfeature_importances:\n(?:[^\n=]+=\d+\n)*\n"
    r"parameters:\n(?:\[[a-z0-9_]+: [^\n]*\]\n)+\nend of parameters\n\npandas_categorical:(?:null|\[\])\n*"
)
_OBJECTIVES = ("binary sigmoid:1", "regression")


class _Malformed(ValueError):
    """What is wrong with a text, in a few words."""


def check_booster_text(name: str, text: str, features: int) -> None:
    """See that a text has the shape of a booster with this many features.

    name: of the file, for the message.

    Raises:
        BundleError: what in it is not as LightGBM writes it.
    """
    try:
        _check(text, features)
    except ValueError as error:
        raise BundleError(f"{name} is no LightGBM text: {error}", hint=_HINT) from None


def _check(text: str, features: int) -> None:
    if not text.isascii():
        raise _Malformed("it holds characters that LightGBM never writes")
    head, blank, trees = text.partition("\n\n")
    if not head.startswith("tree\n") or not blank:
        raise _Malformed("its header is cut short")
    header = _pairs(head.split("\n")[1:], _HEADER)
    if header["num_class"] != "1" or header["num_tree_per_iteration"] != "1":
        raise _Malformed("it has several outputs, this platform trains one")
    if int(header["max_feature_idx"]) + 1 != features:
        raise _Malformed(f"it knows {int(header['max_feature_idx']) + 1} features, not {features}")
    for key in ("feature_names", "feature_infos"):
        if len(header.get(key, "").split()) != features:
            raise _Malformed(f"{key} does not list {features} features")
    if header["objective"] not in _OBJECTIVES:
        raise _Malformed(f"its objective is {header['objective'][:40]!r}")
    start = 0
    for number, size in enumerate(_whole(header["tree_sizes"].split())):
        block = trees[start : start + size]
        if size <= 0 or not block.startswith(f"Tree={number}\n"):
            raise _Malformed(f"tree {number} is not where tree_sizes says")
        _check_tree(number, block, features)
        start += size
    if not _TAIL.fullmatch(trees, start):
        raise _Malformed("what follows its last tree is damaged")


def _check_tree(number: int, block: str, features: int) -> None:
    tree = _pairs(block.split("\n")[1:], _REQUIRED)
    leaves = int(tree["num_leaves"])
    if leaves < 1 or tree["num_cat"] != "0" or tree["is_linear"] != "0":
        raise _Malformed(f"tree {number} is of a kind that this platform does not train")
    _numbers(tree["shrinkage"].split(), 1, whole=False, finite=True)
    arrays = {
        key: _numbers(
            tree[key].split(),
            leaves if key in _LEAVES else leaves - 1,
            whole=key in _WHOLE,
            finite=key in _FINITE,
            maybe_empty=leaves == 1 and key != "leaf_value",
        )
        for key in (*_SPLITS, *_SPLIT_FACTS, *_LEAVES)
    }
    if not all(0 <= feature < features for feature in arrays["split_feature"]):
        raise _Malformed(f"tree {number} splits on a feature that does not exist")
    if not all(0 <= kind <= 15 and not int(kind) & 1 for kind in arrays["decision_type"]):
        raise _Malformed(f"tree {number} has a split of an unknown kind")
    children = [*arrays["left_child"], *arrays["right_child"]]
    # Leaves are -1 .. -leaves, splits 1 .. leaves - 2; split 0 is the root. Each has one parent, and parents come first.
    expected = sorted([*range(-leaves, 0), *range(1, leaves - 1)]) if leaves > 1 else []
    forward = all(child < 0 or child > place % (leaves - 1) for place, child in enumerate(children))
    if sorted(children) != expected or not forward:
        raise _Malformed(f"tree {number} is no tree")


def _pairs(lines: Sequence[str], required: frozenset[str]) -> Mapping[str, str]:
    """`key=value` lines; a line without a value and a key given twice are refused."""
    found: dict[str, str] = {}
    for line in filter(None, lines):
        key, equals, value = line.partition("=")
        if not equals or key in found:
            raise _Malformed(f"the line {line[:40]!r} does not belong there")
        found[key] = value
    if missing := required - found.keys():
        raise _Malformed(f"{min(missing)} is missing")
    return found


def _numbers(
    words: Sequence[str], length: int, *, whole: bool, finite: bool, maybe_empty: bool = False
) -> Sequence[float]:
    if len(words) != length and not (maybe_empty and not words):
        raise _Malformed(f"{len(words)} values stand where {length} should")
    if whole:
        return _whole(words)
    values = [float(word) for word in words]
    if finite and not all(math.isfinite(value) for value in values):
        raise _Malformed("a number is not finite")
    return values


def _whole(words: Sequence[str]) -> list[int]:
    return [int(word) for word in words]
