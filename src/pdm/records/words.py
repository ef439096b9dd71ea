"""What mechanics write, in German and English: which part, what happened to it, what was done about it.

Words decide only where codes are silent, and what they decide is flagged as read from text. A word after a negation ("no leak",
"keine Undichtigkeit") does not count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

ITEMS: Mapping[str, tuple[str, ...]] = {
    "bearing": ("lager", "wälzlager", "kugellager", "bearing", "brg"),
    "seal": ("dichtung", "gleitring", "glrd", "stopfbuchs", "wellendicht", "seal", "gasket", "packing gland"),
    "impeller": ("laufrad", "impeller", "flügelrad", "schaufel", "blade"),
    "valve": ("ventil", "valve", "klappe", "schieber"),
    "cooler": ("kühler", "wärmetauscher", "cooler", "heat exchanger"),
    "gear": ("getriebe", "zahnrad", "verzahnung", "gear", "tooth", "teeth"),
    "coupling": ("kupplung", "coupling"),
    "motor": ("motor",),
    "belt": ("riemen", "belt"),
    "filter": ("filter", "sieb", "strainer"),
    "sensor": ("sensor", "messumformer", "transmitter", "fühler", "geber"),
    "shaft": ("welle", "shaft"),
}
"""Maintainable item -> beginnings of words that name it."""

MECHANISMS: Mapping[str, tuple[str, ...]] = {
    "wear": ("verschleiß", "verschleiss", "verschlissen", "abgenutzt", "ausgeschlagen", "eingelaufen", "lagerschaden", "wear", "worn"),
    "leakage": ("undicht", "leck", "tropf", "leak", "drip", "weeping"),
    "fouling": ("verschmutz", "belag", "belegt", "ablager", "verstopf", "zugesetzt", "foul", "clog", "blocked", "dirty"),
    "deposits": ("anback", "ablager", "belag", "deposit", "build-up", "buildup"),
    "imbalance": ("unwucht", "imbalance", "unbalance", "out of balance"),
    "breakage": ("bruch", "gebrochen", "broken", "breakage", "fracture", "ausgebrochen"),
    "crack": ("riss", "gerissen", "crack"),
    "corrosion": ("korrosion", "rost", "corro", "rust"),
    "overheating": ("überhitz", "heißgelaufen", "overheat"),
    "looseness": ("locker", "gelöst", "loose"),
    "cavitation": ("kavitation", "cavitation"),
}  # fmt: skip
"""Mechanism -> beginnings of words that name it; where two fit, what the catalogue knows for the part decides."""

OBSERVED: Mapping[str, tuple[str, ...]] = {
    "vibration": ("vibration", "vibrier", "schwingung", "unruhig", "vibrat"),
    "noise": ("geräusch", "laut", "noise", "noisy", "loud"),
    "external leakage": ("undicht", "leck", "tropf", "leak", "drip"),
    "overheating": ("heiß", "überhitz", "temperatur hoch", "hot", "overheat", "high temp"),
    "low output": ("fördert nicht", "druck zu niedrig", "leistung zu gering", "low output", "low flow", "low pressure"),
    "fails to start": ("läuft nicht an", "startet nicht", "won't start", "does not start", "fails to start"),
}
"""What is observed (ISO 14224 failure mode) -> beginnings of words."""

_RENEWED = ("ersetzt", "getauscht", "tausch", "ausgetauscht", "erneuert", "gewechselt", "replaced", "renewed", "exchanged",
            "new ", "neues ", "neuer ", "neue ", "eingebaut")  # fmt: skip
_NOTHING = ("ohne befund", "o.b.", "kein befund", "keine auffälligkeit", "nichts festgestellt", "no fault", "nff",
            "nothing found", "no defect", "back to normal", "wieder normal", "unauffällig", "i.o.")  # fmt: skip
_WORKED = (*_RENEWED, "repariert", "behoben", "instandgesetzt", "gereinigt", "gerichtet", "ausgewuchtet", "nachgezogen", "repaired",
           "fixed", "cleaned", "rebuilt", "balanced", "tightened")  # fmt: skip
_OTHER = ("sonst", "other", "unknown", "unbekannt", "andere", "misc", "not specified", "ohne angabe", "n/a", "keine angabe",
          "oth", "unk")  # fmt: skip

_MACHINE = ("pumpe", "pump", "aggregat", "verdichter", "kompressor", "compressor", "ventilator", "gebläse", "lüfter", "maschine",
            "machine", "unit", "fan", "blower")  # fmt: skip

_NEGATED = r"(?<!kein )(?<!keine )(?<!keinen )(?<!no )(?<!not )(?<!nicht )(?<!ohne )"


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_NEGATED + r"(?:" + "|".join(_piece(word) for word in words) + ")")


def _piece(word: str) -> str:
    # German joins words, so that "motorlager" is a bearing; but a short word inside another one is chance ("laut" in "erlaubt" is not).
    return (r"\b" if len(word) < 5 else "") + re.escape(_folded(word))


def _folded(text: str) -> str:
    """Small letters; `casefold` makes one spelling of `ß` and `ss`."""
    return text.casefold()


_COMPILED = {
    table: {name: _pattern(words) for name, words in known.items()}
    for table, known in (("items", ITEMS), ("mechanisms", MECHANISMS), ("observed", OBSERVED))
}
_RENEWED_PATTERN, _MACHINE_PATTERN, _WORKED_PATTERN = _pattern(_RENEWED), _pattern(_MACHINE), _pattern(_WORKED)
_NOTHING_PATTERN = re.compile("|".join(re.escape(word) for word in _NOTHING))


def named(table: str, text: str) -> tuple[str, ...]:
    """What a text names of `items`, `mechanisms` or `observed`, in the order of the text.

    >>> named("items", "Lager A-Seite laut, Dichtung i.O.")
    ('bearing', 'seal')
    >>> named("mechanisms", "no leak, bearing worn")
    ('wear',)
    """
    low = _folded(text)
    places = [(found.start(), name) for name, pattern in _COMPILED[table].items() if (found := pattern.search(low))]
    return tuple(name for _, name in sorted(places, key=lambda pair: pair[0]))


def renewed(text: str) -> bool:
    """Whether a text says that something was replaced.

    >>> renewed("Gleitringdichtung erneuert"), renewed("bearing greased")
    (True, False)
    """
    return _RENEWED_PATTERN.search(_folded(text)) is not None


def nothing_found(text: str) -> bool:
    """Whether a text says that the machine was sound; after work was done, "test run OK" says that it is sound *again*.

    >>> nothing_found("Pumpe geprüft, ohne Befund"), nothing_found("Teil erneuert, Probelauf i.O.")
    (True, False)
    """
    low = _folded(text)
    return _NOTHING_PATTERN.search(low) is not None and _WORKED_PATTERN.search(low) is None


def whole_machine(text: str) -> bool:
    """Whether a text is about the machine as a whole.

    >>> whole_machine("Pumpe komplett getauscht")
    True
    """
    return _MACHINE_PATTERN.search(_folded(text)) is not None


def says_nothing(code: str, text: str = "") -> bool:
    """Whether a code is blank or a polite form of it.

    >>> says_nothing(""), says_nothing("9999", "Sonstiges"), says_nothing("B010", "Lagerschaden")
    (True, True, False)
    """
    words = f"{text or code}".strip().casefold()
    return not code.strip() or words.startswith(_OTHER) or bool(re.fullmatch(r"9{3,}|z{3,}|x{2,}|-+|\?+", words))
