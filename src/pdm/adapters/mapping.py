"""What every receiver's mapping needs: options with names, texts that fit, moments from the canonical body."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pdm.clock import in_zone
from pdm.errors import InputError, SettingsError
from pdm.work.draft import shorten


def options(receiver: str, given: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """The known options with their defaults, overlaid by what was given.

    >>> options("sap", {"plant": "1710"}, {"plant": "", "notification_type": "M1"})
    {'plant': '1710', 'notification_type': 'M1'}

    Raises:
        SettingsError: an option that this receiver does not have.
    """
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
            raise SettingsError(f"receiver_options: the receiver {receiver!r} has no option {name!r}", hint=hint)
    return {**known, **{name: str(value) for name, value in given.items()}}


def choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """The value when it is one of those allowed."""
    if value not in allowed:
        raise SettingsError(f"receiver_options: {name} is {value!r}", hint=f"write {' or '.join(allowed)}")
    return value


def unreviewed(body: Mapping[str, Any]) -> bool:
    """Whether nobody has reviewed a request and nobody shall: it comes from the last rung of the trust ladder."""
    return (body.get("body") or {}).get("review") == "automatic"


def key_of(body: Mapping[str, Any], longest: int) -> str:
    """The idempotency key, when it has one that the receiver can keep and a query can hold.

    >>> key_of({"external_ref": "PDM-2F1295B08FEBE1B6"}, 20)
    'PDM-2F1295B08FEBE1B6'
    """
    key = str(body.get("external_ref") or "")
    if not key or len(key) > longest or not all(letter.isalnum() or letter in "-_." for letter in key):
        raise InputError(
            f"the key {key!r} of a work request is unusable",
            hint=f"1 to {longest} letters, digits, hyphens, dots or underscores",
        )
    return key


def one_line(value: Any, longest: int) -> str:
    """A short text without line ends, cut at a word and visibly."""
    return shorten(" ".join(str(value or "").split()), longest)


def whole(value: Any, longest: int, name: str) -> str:
    """A code that must not be cut: a shortened tag would be another machine.

    Raises:
        InputError: it is too long for the receiver.
    """
    text = str(value or "").strip()
    if len(text) > longest:
        raise InputError(f"{name} {text!r} has more than {longest} characters, which the receiver cannot keep")
    return text


def moment(body: Mapping[str, Any], name: str, zone: str) -> datetime | None:
    """A moment of the body on the plant's clock."""
    value = body.get(name)
    if not value:
        return None
    try:
        return in_zone(datetime.fromisoformat(str(value)), zone)
    except ValueError:
        raise InputError(f"{name} of a work request is {value!r}, which is no moment with a time zone") from None


def full_text(body: Mapping[str, Any]) -> str:
    """The long text, followed by what a planner needs and no field of the receiver takes."""
    parts = (
        ("Priority", f"{body['priority']} (1 is highest, 4 lowest)" if body.get("priority") else ""),
        ("Part", body.get("maintainable_item")),
        ("Suspected", str(body.get("failure_mode") or "").replace("_", " ")),
        ("Detected by", body.get("detection")),
        ("Crafts", ", ".join(body.get("crafts") or ())),
        ("Parts to have ready", ", ".join(body.get("parts") or ())),
        ("Estimated hours", f"{body['hours']:g}" if body.get("hours") else ""),
        ("Latest safe", body.get("latest_safe")),
        ("Reference", body.get("external_ref")),
    )
    return "\n".join([str(body.get("text") or ""), *(f"{name}: {value}" for name, value in parts if value)]).strip()
