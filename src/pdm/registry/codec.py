"""Definitions and tables to JSON and back, exactly: what was written is what is read, tuples and infinities included.

JSON knows neither tuples nor infinity, and a tsfresh parameter that comes back as a list would rename its feature
(`widths_(2, 5, 10, 20)`). Typed definitions get their tuples back from their types; free-form parts are packed with tags.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar, cast

import numpy as np
from pydantic import TypeAdapter, ValidationError

from pdm.catalogue import AssetClass, FeatureSet, ModelDefinition, Target
from pdm.catalogue.feature_set import Calculators
from pdm.errors import BundleError

_TUPLE, _FLOAT, _PAIRS = "$tuple", "$float", "$pairs"
_ORDER_MATTERS = ("settings", "top", "bottom")
"""Tables of transforms and combinations whose order decides digits: columns of a distance, terms of a sum."""

Definition = TypeVar("Definition", bound=AssetClass | FeatureSet | ModelDefinition | Target)


def pack(value: Any) -> Any:
    """Any nest of mappings, sequences, numbers and numpy arrays as plain JSON that `unpack` turns back.

    numpy arrays become lists, numpy numbers Python numbers.

    >>> pack({"widths": (2, 5), "upper": float("inf")})
    {'widths': {'$tuple': [2, 5]}, 'upper': {'$float': 'inf'}}

    Raises:
        BundleError: a value that has no place in JSON.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (np.generic, np.ndarray)):
        return pack(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else {_FLOAT: repr(value)}
    if isinstance(value, tuple):
        return {_TUPLE: [pack(item) for item in value]}
    if isinstance(value, list):
        return [pack(item) for item in value]
    if isinstance(value, Mapping):
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: pack(item) for key, item in value.items()}
        return {_PAIRS: [[pack(key), pack(item)] for key, item in value.items()]}
    raise BundleError(f"a {type(value).__name__} cannot be stored in a bundle", hint="use numbers, text, lists, tables")


def unpack(value: Any) -> Any:
    """The inverse of `pack`.

    >>> unpack({"widths": {"$tuple": [2, 5]}})
    {'widths': (2, 5)}
    """
    if isinstance(value, list):
        return [unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _TUPLE in value:
        return tuple(unpack(item) for item in value[_TUPLE])
    if _FLOAT in value:
        return float(value[_FLOAT])
    if _PAIRS in value:
        return {unpack(key): unpack(item) for key, item in value[_PAIRS]}
    return {key: unpack(item) for key, item in value.items()}


def encode(definition: AssetClass | FeatureSet | ModelDefinition | Target) -> dict[str, Any]:
    """A definition as JSON. Where its file lay (`source`) stays behind: a bundle travels."""
    if isinstance(definition, FeatureSet):
        return _encode_feature_set(definition)
    if isinstance(definition, (AssetClass, ModelDefinition)):
        definition = replace(definition, source=None)
    plain = _dump(definition)
    if isinstance(definition, AssetClass):
        plain["feature_set"] = _encode_feature_set(definition.feature_set)
    if isinstance(definition, ModelDefinition):
        if definition.derived_features:
            plain["derived_features"] = _encode_feature_set(definition.derived_features)
        for part in (*plain["transforms"], *plain["combinations"]):
            part |= {name: _ordered(part[name]) for name in _ORDER_MATTERS if name in part}
    return plain


def decode(kind: type[Definition], plain: Mapping[str, Any]) -> Definition:
    """The definition that `encode` wrote.

    Raises:
        BundleError: it does not have the shape of `kind`.
    """
    values = unpack(plain)
    try:
        return cast(Definition, _decode(kind, values))
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BundleError(f"the manifest's {kind.__name__} cannot be read: {error}", hint="train again") from None


def _decode(kind: Any, values: dict[str, Any]) -> Any:
    if kind is FeatureSet:
        return _decode_feature_set(values)
    if kind is AssetClass:
        values["feature_set"] = _decode_feature_set(values["feature_set"])
    if kind is ModelDefinition and values.get("derived_features"):
        values["derived_features"] = _decode_feature_set(values["derived_features"])
    return _adapter(kind).validate_python(values)


def _encode_feature_set(feature_set: FeatureSet) -> dict[str, Any]:
    plain = _dump(replace(feature_set, calculators={}, per_channel={}))
    plain["calculators"] = _in_order(feature_set.calculators)
    plain["per_channel"] = {channel: _in_order(asked) for channel, asked in feature_set.per_channel.items()}
    return plain


def _ordered(table: Mapping[str, Any]) -> dict[str, Any]:
    """A packed table as pairs."""
    return {_PAIRS: [[name, value] for name, value in table.items()]} if _PAIRS not in table else dict(table)


def _in_order(calculators: Calculators) -> dict[str, Any]:
    """Pairs, because JSON with sorted keys forgets an order that decides the columns, and with them what bagging draws."""
    return {_PAIRS: [[pack(name), pack(asked)] for name, asked in calculators.items()]}


def _decode_feature_set(values: dict[str, Any]) -> FeatureSet:
    calculators: Calculators = values.pop("calculators")
    per_channel: Mapping[str, Calculators] = values.pop("per_channel")
    bare: FeatureSet = _adapter(FeatureSet).validate_python(values | {"calculators": {}, "per_channel": {}})
    return replace(bare, calculators=calculators, per_channel=per_channel)


def _dump(definition: Any) -> dict[str, Any]:
    kind: Any = type(definition)
    plain = _adapter(kind).dump_python(definition, mode="json")
    return {key: pack(value) for key, value in plain.items()}


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
