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
from importlib import import_module
from typing import Any

import numba.extending

# Neither says what types it has.
ir: Any = import_module("llvmlite.ir")
cgutils: Any = import_module("numba.core.cgutils")
types: Any = import_module("numba.core.types")
make_array: Any = import_module("numba.np.arrayobj").make_array


def _intrinsic(function: Callable[..., Any]) -> Callable[..., Any]:
    """What the function says becomes part of the compiled code that calls it."""
    made: Callable[..., Any] = numba.extending.intrinsic(function)
    return made


Value = Any
"""A number or a vector in the intermediate code."""
Step = Callable[[Any, Sequence[Value], Sequence[Value]], list[Value]]
"""builder, the eight values of each array, the lanes so far -> the lanes after them."""

_LANES = 8
_DOUBLE = ir.DoubleType()
_VECTOR = ir.VectorType(_DOUBLE, _LANES)
_FLOAT64S = types.Array(types.float64, 1, "C")


def _all(builder: Any, number: Value) -> Value:
    """One number in all lanes."""
    one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), [0] * _LANES)
    return builder.shuffle_vector(one, ir.Constant(_VECTOR, ir.Undefined), zeros)


def _in_pairs(builder: Any, lanes: Value, combine: Callable[[Value, Value], Value]) -> Value:
    """((0, 1), (2, 3)), ((4, 5), (6, 7))."""
    parts = [builder.extract_element(lanes, ir.Constant(ir.IntType(32), lane)) for lane in range(_LANES)]
    while len(parts) > 1:
        parts = [combine(parts[k], parts[k + 1]) for k in range(0, len(parts), 2)]
    return parts[0]


def _walk(
    context: Any, builder: Any, places: Sequence[tuple[Value, Value]], blocks: Value, firsts: list[Value], step: Step
) -> list[Value]:
    """Visit `blocks` times eight values of every (array, first index) and return the lanes."""
    starts = []
    for array, first in places:
        data = make_array(_FLOAT64S)(context, builder, array).data
        starts.append(builder.bitcast(builder.gep(data, [first]), _VECTOR.as_pointer()))
    slots = [cgutils.alloca_once_value(builder, lane) for lane in firsts]
    with cgutils.for_range(builder, blocks) as loop:
        loaded = []
        for start in starts:
            load = builder.load(builder.gep(start, [loop.index]))
            load.align = 8
            loaded.append(load)
        for slot, lane in zip(slots, step(builder, loaded, [builder.load(slot) for slot in slots]), strict=True):
            builder.store(lane, slot)
    return [builder.load(slot) for slot in slots]


def _nothing() -> Value:
    return ir.Constant(_VECTOR, [-0.0] * _LANES)  # adding it changes nothing, not even the sign of a zero


@_intrinsic
def sum_lanes(_typing: Any, values: Any, first: Any, blocks: Any) -> Any:
    """Sum of `values[first:first + 8 * blocks]`."""

    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
        array, at, count = given
        (lanes,) = _walk(
            context, builder, [(array, at)], count, [_nothing()], lambda b, x, lane: [b.fadd(lane[0], x[0])]
        )
        return _in_pairs(builder, lanes, builder.fadd)

    return types.float64(_FLOAT64S, types.int64, types.int64), code


@_intrinsic
def square_lanes(_typing: Any, values: Any, first: Any, blocks: Any, centre: Any) -> Any:
    """Sum of `(values[i] - centre) ** 2`."""

    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
        array, at, count, middle = given
        middles = _all(builder, middle)

        def step(b: Any, x: Sequence[Value], lanes: Sequence[Value]) -> list[Value]:
            d = b.fsub(x[0], middles)
            return [b.fadd(lanes[0], b.fmul(d, d))]

        (lanes,) = _walk(context, builder, [(array, at)], count, [_nothing()], step)
        return _in_pairs(builder, lanes, builder.fadd)

    return types.float64(_FLOAT64S, types.int64, types.int64, types.float64), code


@_intrinsic
def product_lanes(_typing: Any, values: Any, first: Any, others: Any, other: Any, blocks: Any) -> Any:
    """Sum of `values[first + i] * others[other + i]`."""

    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Value:
        array, at, array2, at2, count = given

        def step(b: Any, x: Sequence[Value], lanes: Sequence[Value]) -> list[Value]:
            return [b.fadd(lanes[0], b.fmul(x[0], x[1]))]

        (lanes,) = _walk(context, builder, [(array, at), (array2, at2)], count, [_nothing()], step)
        return _in_pairs(builder, lanes, builder.fadd)

    return types.float64(_FLOAT64S, types.int64, _FLOAT64S, types.int64, types.int64), code


@_intrinsic
def shape_lanes(_typing: Any, values: Any, first: Any, blocks: Any, centre: Any) -> Any:
    """Sums of the first four powers of `values[i] - centre`."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Value:
        array, at, count, middle = given
        middles = _all(builder, middle)

        def step(b: Any, x: Sequence[Value], lanes: Sequence[Value]) -> list[Value]:
            d = b.fsub(x[0], middles)
            d2 = b.fmul(d, d)
            powers = [d, d2, b.fmul(d2, d), b.fmul(d2, d2)]
            return [b.fadd(lane, power) for lane, power in zip(lanes, powers, strict=True)]

        lanes = _walk(context, builder, [(array, at)], count, [_nothing()] * 4, step)
        sums = [_in_pairs(builder, lane, builder.fadd) for lane in lanes]
        return context.make_tuple(builder, signature.return_type, sums)

    return types.UniTuple(types.float64, 4)(_FLOAT64S, types.int64, types.int64, types.float64), code


@_intrinsic
def extreme_lanes(_typing: Any, values: Any, first: Any, blocks: Any) -> Any:
    """Smallest and largest of `values[first:first + 8 * blocks]`, which are finite."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Value:
        array, at, count = given

        def lower(x: Value, y: Value) -> Value:
            return builder.select(builder.fcmp_ordered("<", x, y), x, y)

        def higher(x: Value, y: Value) -> Value:
            return builder.select(builder.fcmp_ordered(">", x, y), x, y)

        firsts = [ir.Constant(_VECTOR, [limit] * _LANES) for limit in (float("inf"), float("-inf"))]
        lanes = _walk(
            context,
            builder,
            [(array, at)],
            count,
            firsts,
            lambda _, x, lane: [lower(x[0], lane[0]), higher(x[0], lane[1])],
        )
        ends = [_in_pairs(builder, lanes[0], lower), _in_pairs(builder, lanes[1], higher)]
        return context.make_tuple(builder, signature.return_type, ends)

    return types.UniTuple(types.float64, 2)(_FLOAT64S, types.int64, types.int64), code
