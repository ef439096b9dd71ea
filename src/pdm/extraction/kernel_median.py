"""The median of windows that move on by one value: not sorted, but followed.

One value leaves and one comes, so the median stays, or moves to the value next to it in size: a look at the window, eight values
at a time, finds that one. Which value is the middle one does not depend on how it was found.
"""

# What an intrinsic is handed are the types of its arguments; their values arrive in `given`, by place.
# ruff: noqa: ARG001

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pdm.extraction.kernel_lanes import (
    FLOAT64S,
    LANES,
    VECTOR,
    Value,
    apart,
    cgutils,
    higher,
    in_all,
    in_pairs,
    intrinsic,
    ir,
    load,
    lower,
    place_of,
    types,
)
from pdm.extraction.kernel_sums import Floats, Number, compiled

FEWEST, MOST = LANES, 1024
"""Lengths of windows: shorter ones fill no vector, and looking at longer ones takes longer than keeping them sorted."""

_INDEX = ir.IntType(64)
_WHOLE = ir.VectorType(_INDEX, LANES)


def _blocks(
    builder: Any,
    place: Value,
    blocks: Value,
    first: Value,
    step: Callable[[Value, Value], Value],
    combine: Callable[[Value, Value], Value],
) -> Value:
    """Step by step over blocks of eight, four at a time: none of the four waits for another."""
    slots = [cgutils.alloca_once_value(builder, first) for _ in range(4)]

    def visit(block: Value, slot: Value) -> None:
        x = load(builder, place, builder.mul(block, ir.Constant(_INDEX, LANES)))
        builder.store(step(x, builder.load(slot)), slot)

    fours = builder.udiv(blocks, ir.Constant(_INDEX, 4))
    whole = builder.mul(fours, ir.Constant(_INDEX, 4))
    with cgutils.for_range(builder, fours) as loop:
        begin = builder.mul(loop.index, ir.Constant(_INDEX, 4))
        for k, slot in enumerate(slots):
            visit(builder.add(begin, ir.Constant(_INDEX, k)), slot)
    with cgutils.for_range(builder, builder.sub(blocks, whole)) as loop:
        visit(builder.add(whole, loop.index), slots[0])
    return in_pairs([builder.load(slot) for slot in slots], combine)


def _nearest(sign: str, none: float, better: Callable[[Any, Value, Value], Value]) -> Callable[..., Any]:
    """What is nearest to `m` among the values on one side of it."""

    @intrinsic
    def nearest(_typing: Any, values: Any, first: Any, n: Any, m: Any) -> Any:
        def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
            array, begin, count, middle = given
            place, middles = place_of(context, builder, array, begin), in_all(builder, middle)
            nothing = ir.Constant(VECTOR, [none] * LANES)

            def step(x: Value, best: Value) -> Value:
                there = builder.select(builder.fcmp_ordered(sign, x, middles), x, nothing)
                return better(builder, there, best)

            blocks = builder.udiv(count, ir.Constant(_INDEX, LANES))
            best = _blocks(builder, place, blocks, nothing, step, partial(better, builder))
            # The last eight values; some of them once more, which changes nothing.
            ends = load(builder, place, builder.sub(count, ir.Constant(_INDEX, LANES)))
            lanes: Sequence[Value] = apart(builder, step(ends, best))
            return in_pairs(lanes, partial(better, builder))

        return types.float64(FLOAT64S, types.int64, types.int64, types.float64), code

    return nearest


below = _nearest("<", float("-inf"), higher)
"""Largest of `values[first:first + n]` that are smaller than `m`; n >= 8."""
above = _nearest(">", float("inf"), lower)
"""Smallest of those that are larger."""


@intrinsic
def _same(_typing: Any, values: Any, first: Any, blocks: Any, m: Any) -> Any:
    """How many of `values[first:first + 8 * blocks]` are `m`."""

    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
        array, begin, count, middle = given
        place, middles = place_of(context, builder, array, begin), in_all(builder, middle)

        def step(x: Value, found: Value) -> Value:
            return builder.add(found, builder.zext(builder.fcmp_ordered("==", x, middles), _WHOLE))

        total = _blocks(builder, place, count, ir.Constant(_WHOLE, [0] * LANES), step, builder.add)
        return in_pairs(apart(builder, total), builder.add)

    return types.int64(FLOAT64S, types.int64, types.int64, types.float64), code


@compiled
def _count(v: Floats, a: Number, n: Number, m: Number) -> Number:
    whole = n - n % 8
    count = _same(v, a, whole // 8, m)
    for i in range(a + whole, a + n):
        count += 1 if v[i] == m else 0
    return count


@compiled
def medians(v: Floats, a: Number, n: Number, count: Number, s: Floats, out: Floats) -> None:
    """out[k, :]: the median of `v[a + k:a + k + n]`. s: `v[a:a + n]` sorted. n: from `FEWEST` to `MOST`."""
    half, even = n // 2, n % 2 == 0
    middle = s[half]  # of each window, the value at place `half` of the sorted ones
    less = most = 0  # how many are smaller, and how many with those equal to it
    for i in range(n):
        less += 1 if s[i] < middle else 0
        most += 1 if s[i] <= middle else 0
    for k in range(count):
        first = a + k
        if k > 0:
            gone, come = v[first - 1], v[first + n - 1]
            less += (1 if come < middle else 0) - (1 if gone < middle else 0)
            most += (1 if come <= middle else 0) - (1 if gone <= middle else 0)
            if less > half:
                middle = below(v, first, n, middle)
                most = less
                less = most - _count(v, first, n, middle)
            elif most <= half:
                middle = above(v, first, n, middle)
                less = most
                most = less + _count(v, first, n, middle)
        found = (below(v, first, n, middle) + middle) / 2.0 if even and less == half else middle
        out[k, :] = found + 0.0  # -0.0 becomes 0.0
