"""Sums over eight lanes, eight values at a time: what makes a long window cheap without updating it from the one before.

Lane `k` adds up values k, k + 8, k + 16 ..., and the lanes are added in pairs at the end: numpy's own order for up to 128 values.
The order is written out in the code that the compiler gets, as vectors of eight numbers, so a processor with narrow registers does
the same additions as one with wide ones: the result is the same bits on every machine. (Letting the compiler reorder additions
would be as fast, and would make a feature's last digit a property of the processor.) Products are rounded before they are added.
"""

# What an intrinsic is handed are the types of its arguments; their values arrive in `given`, by place.
# ruff: noqa: ARG001

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import numba.extending

# Neither says what types it has.
ir: Any = import_module("llvmlite.ir")
cgutils: Any = import_module("numba.core.cgutils")
types: Any = import_module("numba.core.types")
make_array: Any = import_module("numba.np.arrayobj").make_array


def intrinsic(function: Callable[..., Any]) -> Callable[..., Any]:
    """What the function says becomes part of the compiled code that calls it."""
    made: Callable[..., Any] = numba.extending.intrinsic(function)
    return made


Value = Any
"""A number or a vector in the intermediate code."""
Step = Callable[[Any, Sequence[Value], Sequence[Value]], list[Value]]
"""builder, the eight values of each array, the lanes so far -> the lanes after them."""

LANES = 8
DOUBLE = ir.DoubleType()
VECTOR = ir.VectorType(DOUBLE, LANES)
FLOAT64S = types.Array(types.float64, 1, "C")


def in_all(builder: Any, number: Value) -> Value:
    """One number in all lanes."""
    one = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(one, ir.Constant(VECTOR, ir.Undefined), zeros)


def in_pairs(parts: Sequence[Value], combine: Callable[[Value, Value], Value]) -> Value:
    """((0, 1), (2, 3)), ((4, 5), (6, 7))."""
    while len(parts) > 1:
        parts = [combine(parts[k], parts[k + 1]) for k in range(0, len(parts), 2)]
    return parts[0]


def apart(builder: Any, lanes: Value) -> list[Value]:
    """The eight numbers of a vector."""
    return [builder.extract_element(lanes, ir.Constant(ir.IntType(32), lane)) for lane in range(LANES)]


def place_of(context: Any, builder: Any, array: Value, first: Value) -> Value:
    """Where `array[first]` stands."""
    return builder.gep(make_array(FLOAT64S)(context, builder, array).data, [first])


def load(builder: Any, place: Value, beyond: Value) -> Value:
    """Eight neighbouring values, `beyond` values after a place."""
    found = builder.load(builder.bitcast(builder.gep(place, [beyond]), VECTOR.as_pointer()))
    found.align = 8
    return found


def _walk(
    context: Any, builder: Any, places: Sequence[tuple[Value, Value]], blocks: Value, firsts: list[Value], step: Step
) -> list[Value]:
    """Visit `blocks` times eight values of every (array, first index) and return the lanes."""
    starts = []
    for array, first in places:
        starts.append(place_of(context, builder, array, first))
    slots = [cgutils.alloca_once_value(builder, lane) for lane in firsts]
    with cgutils.for_range(builder, blocks) as loop:
        at = builder.mul(loop.index, ir.Constant(ir.IntType(64), LANES))
        loaded = [load(builder, start, at) for start in starts]
        for slot, lane in zip(slots, step(builder, loaded, [builder.load(slot) for slot in slots]), strict=True):
            builder.store(lane, slot)
    return [builder.load(slot) for slot in slots]


def lower(builder: Any, x: Value, y: Value) -> Value:
    """The smaller of two, lane by lane."""
    return builder.select(builder.fcmp_ordered("<", x, y), x, y)


def higher(builder: Any, x: Value, y: Value) -> Value:
    """The larger of two, lane by lane."""
    return builder.select(builder.fcmp_ordered(">", x, y), x, y)


def nothing() -> Value:
    """What sums begin with."""
    return ir.Constant(VECTOR, [-0.0] * LANES)  # adding it changes nothing, not even the sign of a zero


@intrinsic
def sum_lanes(_typing: Any, values: Any, first: Any, blocks: Any) -> Any:
    """Sum of `values[first:first + 8 * blocks]`."""

    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
        array, at, count = given
        (lanes,) = _walk(
            context, builder, [(array, at)], count, [nothing()], lambda b, x, lane: [b.fadd(lane[0], x[0])]
        )
        return in_pairs(apart(builder, lanes), builder.fadd)

    return types.float64(FLOAT64S, types.int64, types.int64), code


@intrinsic
def square_lanes(_typing: Any, values: Any, first: Any, blocks: Any, centre: Any) -> Any:
    """Sum of `(values[i] - centre) ** 2`."""

    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
        array, at, count, middle = given
        middles = in_all(builder, middle)

        def step(b: Any, x: Sequence[Value], lanes: Sequence[Value]) -> list[Value]:
            d = b.fsub(x[0], middles)
            return [b.fadd(lanes[0], b.fmul(d, d))]

        (lanes,) = _walk(context, builder, [(array, at)], count, [nothing()], step)
        return in_pairs(apart(builder, lanes), builder.fadd)

    return types.float64(FLOAT64S, types.int64, types.int64, types.float64), code


@intrinsic
def product_lanes(_typing: Any, values: Any, first: Any, others: Any, other: Any, blocks: Any) -> Any:
    """Sum of `values[first + i] * others[other + i]`."""

    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
        array, at, array2, at2, count = given

        def step(b: Any, x: Sequence[Value], lanes: Sequence[Value]) -> list[Value]:
            return [b.fadd(lanes[0], b.fmul(x[0], x[1]))]

        (lanes,) = _walk(context, builder, [(array, at), (array2, at2)], count, [nothing()], step)
        return in_pairs(apart(builder, lanes), builder.fadd)

    return types.float64(FLOAT64S, types.int64, FLOAT64S, types.int64, types.int64), code


@intrinsic
def shape_lanes(_typing: Any, values: Any, first: Any, blocks: Any, centre: Any) -> Any:
    """Sums of the first four powers of `values[i] - centre`."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Value:
        array, at, count, middle = given
        middles = in_all(builder, middle)

        def step(b: Any, x: Sequence[Value], lanes: Sequence[Value]) -> list[Value]:
            d = b.fsub(x[0], middles)
            d2 = b.fmul(d, d)
            powers = [d, d2, b.fmul(d2, d), b.fmul(d2, d2)]
            return [b.fadd(lane, power) for lane, power in zip(lanes, powers, strict=True)]

        lanes = _walk(context, builder, [(array, at)], count, [nothing()] * 4, step)
        sums = [in_pairs(apart(builder, lane), builder.fadd) for lane in lanes]
        return context.make_tuple(builder, signature.return_type, sums)

    return types.UniTuple(types.float64, 4)(FLOAT64S, types.int64, types.int64, types.float64), code


@intrinsic
def extreme_lanes(_typing: Any, values: Any, first: Any, blocks: Any) -> Any:
    """Smallest and largest of `values[first:first + 8 * blocks]`, which are finite."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Value:
        array, at, count = given

        firsts = [ir.Constant(VECTOR, [limit] * LANES) for limit in (float("inf"), float("-inf"))]
        lanes = _walk(
            context,
            builder,
            [(array, at)],
            count,
            firsts,
            lambda b, x, lane: [lower(b, x[0], lane[0]), higher(b, x[0], lane[1])],
        )
        ends = [
            in_pairs(apart(builder, lanes[0]), partial(lower, builder)),
            in_pairs(apart(builder, lanes[1]), partial(higher, builder)),
        ]
        return context.make_tuple(builder, signature.return_type, ends)

    return types.UniTuple(types.float64, 2)(FLOAT64S, types.int64, types.int64), code
