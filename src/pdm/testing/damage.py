"""Ways in which a file may be damaged, one function each: what a disk, a copy, an editor or a thief does to it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def flipped(content: bytes, chance: np.random.Generator) -> bytes:
    """One bit is another one."""
    place = int(chance.integers(len(content)))
    return content[:place] + bytes([content[place] ^ (1 << int(chance.integers(8)))]) + content[place + 1 :]


def cut(content: bytes, chance: np.random.Generator) -> bytes:
    """The end is missing."""
    return content[: int(chance.integers(len(content)))]


def doubled(content: bytes, chance: np.random.Generator) -> bytes:
    """A piece stands twice."""
    start = int(chance.integers(max(len(content) - 40, 1)))
    return content[: start + 40] + content[start:]


def dropped(content: bytes, chance: np.random.Generator) -> bytes:
    """A few bytes are gone."""
    start = int(chance.integers(len(content)))
    return content[:start] + content[start + 1 + int(chance.integers(20)) :]


def noise(content: bytes, chance: np.random.Generator) -> bytes:
    """Eight bytes are random."""
    start = int(chance.integers(max(len(content) - 8, 1)))
    return content[:start] + chance.bytes(8) + content[start + 8 :]


def emptied(_content: bytes, _chance: np.random.Generator) -> bytes:
    """Nothing is left."""
    return b""


def another_digit(content: bytes, chance: np.random.Generator) -> bytes:
    """One digit is another one: what a text editor would do."""
    digits = [place for place, byte in enumerate(content) if 48 <= byte <= 57]
    if not digits:
        return flipped(content, chance)
    place = digits[int(chance.integers(len(digits)))]
    return (
        content[:place] + bytes([48 + (content[place] - 48 + 1 + int(chance.integers(9))) % 10]) + content[place + 1 :]
    )


def huge(content: bytes, chance: np.random.Generator) -> bytes:
    """A number has become enormous."""
    words = content.split(b" ")
    numbers = [place for place, word in enumerate(words) if word.strip(b"\n-.,0123456789e") == b"" and word.strip()]
    if not numbers:
        return noise(content, chance)
    words[numbers[int(chance.integers(len(numbers)))]] = [b"99999999999", b"-2147483649", b"1e308", b"nan"][
        chance.integers(4)
    ]
    return b" ".join(words)


def tree(content: bytes, chance: np.random.Generator) -> bytes:
    """A line of a tree is changed: lengths, children, thresholds."""
    keys = [
        b"num_leaves=",
        b"left_child=",
        b"right_child=",
        b"threshold=",
        b"leaf_value=",
        b"split_feature=",
        b"decision_type=",
    ]
    key = keys[int(chance.integers(len(keys)))]
    places = [place for place in range(len(content)) if content.startswith(key, place)]
    if not places:
        return noise(content, chance)
    place = places[int(chance.integers(len(places)))] + len(key)
    return content[:place] + [b"9", b"-", b"1 ", b"0 0 ", b"", b"2147483647 "][chance.integers(6)] + content[place:]


DAMAGES: tuple[Callable[[bytes, np.random.Generator], bytes], ...] = (
    flipped,
    cut,
    doubled,
    dropped,
    noise,
    emptied,
    another_digit,
    huge,
    tree,
)
"""All of them."""
