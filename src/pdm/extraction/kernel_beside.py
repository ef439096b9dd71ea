"""Eight windows at a time, side by side: what makes a window at every row cheap, without updating it from the one before.

Windows of one length that begin one row after the other make the same additions, each with values of its own. So lane `k` takes
the window that begins `k` rows later: eight neighbouring values are loaded at once, and every lane adds up its window in exactly the
order in which `kernel_lanes` adds up a window alone (eight partial sums, added in pairs, and the rest one by one). A window
among others therefore has the bits that it has alone.
"""

# What an intrinsic is handed are the types of its arguments; their values arrive in `given`, by place.
# ruff: noqa: ARG001

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from pdm.extraction.kernel_lanes import (
    FLOAT64S,
    LANES,
    VECTOR,
    Value,
    cgutils,
    higher,
    in_pairs,
    intrinsic,
    ir,
    load,
    lower,
    nothing,
    place_of,
    types,
)
from pdm.extraction.kernel_sums import Floats, Number, compiled

Terms = Callable[[Any, Value], list[Value]]
"""builder, one value of each window -> what is added up."""

_BLOCK = 128
_INDEX = ir.IntType(64)


def _times(builder: Any, count: Value, number: int) -> Value:
    return builder.mul(count, ir.Constant(_INDEX, number))


def _visit(
    builder: Any, count: Value, slots: Sequence[Value], step: Callable[[Value, list[Value]], list[Value]]
) -> None:
    """`count` times: what `step` makes of the turn and of what stands in the slots."""
    with cgutils.for_range(builder, count) as loop:
        found = step(loop.index, [builder.load(slot) for slot in slots])
        for slot, value in zip(slots, found, strict=True):
            builder.store(value, slot)


def _totals(builder: Any, place: Value, blocks: Value, rest: Value, terms: Terms) -> list[Value]:
    """The terms of eight windows added up over `8 * blocks + rest` values.

    Two of the eight partial sums are made at a time: those of four terms fill the registers of a processor.
    """
    many = len(terms(builder, nothing()))
    parts: list[list[Value]] = [[] for _ in range(many)]
    for pair in range(0, LANES, 2):
        slots = [cgutils.alloca_once_value(builder, nothing()) for _ in range(2 * many)]

        def block(turn: Value, sums: list[Value], pair: int = pair) -> list[Value]:
            first = _times(builder, turn, LANES)
            places = [builder.add(first, ir.Constant(_INDEX, pair + k)) for k in range(2)]
            added = [term for at in places for term in terms(builder, load(builder, place, at))]
            return [builder.fadd(total, term) for total, term in zip(sums, added, strict=True)]

        _visit(builder, blocks, slots, block)
        for k, slot in enumerate(slots):
            parts[k % many].append(builder.load(slot))
    slots = [cgutils.alloca_once_value(builder, in_pairs(part, builder.fadd)) for part in parts]
    whole = _times(builder, blocks, LANES)

    def single(turn: Value, sums: list[Value]) -> list[Value]:
        added = terms(builder, load(builder, place, builder.add(whole, turn)))
        return [builder.fadd(total, term) for total, term in zip(sums, added, strict=True)]

    _visit(builder, rest, slots, single)
    return [builder.load(slot) for slot in slots]


def _keep(context: Any, builder: Any, lanes: Value, array: Value, at: Value) -> None:
    where = builder.bitcast(place_of(context, builder, array, at), VECTOR.as_pointer())
    builder.store(lanes, where).align = 8


@intrinsic
def _sum_beside(_typing: Any, values: Any, first: Any, blocks: Any, rest: Any, out: Any, at: Any) -> Any:
    """out[at + k]: the sum of `values[first + k:first + k + 8 * blocks + rest]`."""

    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
        array, begin, count, single, into, where = given
        place = place_of(context, builder, array, begin)
        (total,) = _totals(builder, place, count, single, lambda _, x: [x])
        _keep(context, builder, total, into, where)
        return context.get_dummy_value()

    return types.void(FLOAT64S, types.int64, types.int64, types.int64, FLOAT64S, types.int64), code


@intrinsic
def _square_beside(
    _typing: Any, values: Any, first: Any, blocks: Any, rest: Any, centres: Any, centre: Any, out: Any, at: Any
) -> Any:
    """out[at + k]: the sum of `(values - centres[centre + k]) ** 2` over the same values."""

    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
        array, begin, count, single, middles, middle, into, where = given
        place = place_of(context, builder, array, begin)
        means = load(builder, place_of(context, builder, middles, middle), ir.Constant(_INDEX, 0))

        def terms(b: Any, x: Value) -> list[Value]:
            d = b.fsub(x, means)
            return [b.fmul(d, d)]

        _keep(context, builder, _totals(builder, place, count, single, terms)[0], into, where)
        return context.get_dummy_value()

    numbers = (types.int64, types.int64, types.int64, FLOAT64S, types.int64, FLOAT64S, types.int64)
    return types.void(FLOAT64S, *numbers), code


@intrinsic
def _powers_beside(
    _typing: Any,
    values: Any,
    first: Any,
    blocks: Any,
    rest: Any,
    centres: Any,
    ones: Any,
    twos: Any,
    threes: Any,
    fours: Any,
    at: Any,
) -> Any:
    """The sums of the first four powers of `values - centres[at + k]`, each to its place at `at + k`."""

    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
        array, begin, count, single, middles, *into, where = given
        place = place_of(context, builder, array, begin)
        means = load(builder, place_of(context, builder, middles, where), ir.Constant(_INDEX, 0))

        def terms(b: Any, x: Value) -> list[Value]:
            d = b.fsub(x, means)
            d2 = b.fmul(d, d)
            return [d, d2, b.fmul(d2, d), b.fmul(d2, d2)]

        for total, out in zip(_totals(builder, place, count, single, terms), into, strict=True):
            _keep(context, builder, total, out, where)
        return context.get_dummy_value()

    arrays = (FLOAT64S,) * 5
    return types.void(FLOAT64S, types.int64, types.int64, types.int64, *arrays, types.int64), code


@intrinsic
def _extremes_beside(_typing: Any, values: Any, first: Any, n: Any, lows: Any, highs: Any, at: Any) -> Any:
    """lows[at + k], highs[at + k]: smallest and largest of `values[first + k:first + k + n]`."""

    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
        array, begin, count, least, most, where = given
        place = place_of(context, builder, array, begin)
        one = load(builder, place, ir.Constant(_INDEX, 0))
        slots = [cgutils.alloca_once_value(builder, one) for _ in range(8)]
        fours = builder.udiv(count, ir.Constant(_INDEX, 4))
        whole = _times(builder, fours, 4)

        def four(turn: Value, ends: list[Value]) -> list[Value]:
            found = []
            for k in range(4):
                x = load(builder, place, builder.add(_times(builder, turn, 4), ir.Constant(_INDEX, k)))
                found += [lower(builder, x, ends[2 * k]), higher(builder, x, ends[2 * k + 1])]
            return found

        def single(turn: Value, ends: list[Value]) -> list[Value]:
            x = load(builder, place, builder.add(whole, turn))
            return [lower(builder, x, ends[0]), higher(builder, x, ends[1])]

        _visit(builder, fours, slots, four)
        _visit(builder, builder.sub(count, whole), slots[:2], single)
        found = [builder.load(slot) for slot in slots]
        _keep(context, builder, in_pairs(found[0::2], partial(lower, builder)), least, where)
        _keep(context, builder, in_pairs(found[1::2], partial(higher, builder)), most, where)
        return context.get_dummy_value()

    return types.void(FLOAT64S, types.int64, types.int64, FLOAT64S, FLOAT64S, types.int64), code


@compiled
def half_of(n: Number) -> Number:
    """Where numpy cuts so long a sum in two; 0: not at all. -1: its halves would be cut again."""
    if n <= _BLOCK:
        return 0
    half = n // 2
    half -= half % 8
    return half if n - half <= _BLOCK else -1


@compiled
def _last(group: Number, count: Number) -> Number:
    """Where a group of eight begins: the last one overlaps the one before it, and gives the same values once more."""
    return min(group, count - 8)


@compiled
def extremes_beside(a: Floats, first: Number, n: Number, count: Number, lows: Floats, highs: Floats) -> None:
    """lows[k], highs[k]: `extremes(a, first + k, n)` of `count` windows, eight or more."""
    for group in range(0, count, 8):
        at = _last(group, count)
        _extremes_beside(a, first + at, n, lows, highs, at)


@compiled
def sums_beside(a: Floats, first: Number, n: Number, count: Number, out: Floats) -> None:
    """out[k]: `pairwise_sum(a, first + k, n)`, bit for bit. n: such that `half_of` is not -1."""
    half, spare = half_of(n), np.empty(8)
    for group in range(0, count, 8):
        at = _last(group, count)
        if half == 0:
            _sum_beside(a, first + at, n // 8, n % 8, out, at)
        else:
            _sum_beside(a, first + at, half // 8, 0, out, at)
            _sum_beside(a, first + at + half, (n - half) // 8, n % 8, spare, 0)
            for k in range(8):
                out[at + k] += spare[k]
    for k in range(count):
        out[k] += 0.0


@compiled
def squares_beside(a: Floats, first: Number, n: Number, count: Number, centres: Floats, out: Floats) -> None:
    """out[k]: `pairwise_squares(a, first + k, n, centres[k])`, bit for bit."""
    half, spare = half_of(n), np.empty(8)
    for group in range(0, count, 8):
        at = _last(group, count)
        if half == 0:
            _square_beside(a, first + at, n // 8, n % 8, centres, at, out, at)
        else:
            _square_beside(a, first + at, half // 8, 0, centres, at, out, at)
            _square_beside(a, first + at + half, (n - half) // 8, n % 8, centres, at, spare, 0)
            for k in range(8):
                out[at + k] += spare[k]


@compiled
def powers_beside(
    a: Floats,
    first: Number,
    n: Number,
    count: Number,
    centres: Floats,
    ones: Floats,
    twos: Floats,
    threes: Floats,
    fours: Floats,
) -> None:
    """The sums of the first four powers of `a[first + k:first + k + n] - centres[k]`; of the second as `squares_beside` gives it."""
    half, spare = half_of(n), np.empty((4, 8))
    middles = np.empty(8)
    for group in range(0, count, 8):
        at = _last(group, count)
        if half == 0:
            _powers_beside(a, first + at, n // 8, n % 8, centres, ones, twos, threes, fours, at)
        else:
            _powers_beside(a, first + at, half // 8, 0, centres, ones, twos, threes, fours, at)
            middles[:] = centres[at : at + 8]
            rest = (n - half) // 8
            _powers_beside(a, first + at + half, rest, n % 8, middles, spare[0], spare[1], spare[2], spare[3], 0)
            for k in range(8):
                ones[at + k] += spare[0, k]
                twos[at + k] += spare[1, k]
                threes[at + k] += spare[2, k]
                fours[at + k] += spare[3, k]
