"""What technicians type, German and English: few words, many abbreviations."""

from __future__ import annotations

from typing import Final

Pair = tuple[str, str]

OTHER_CODE: Final[tuple[str, str, Pair]] = ("SONS", "SONS", ("Sonstiges", "Other"))

ALL_WELL: Final[tuple[Pair, ...]] = (
    ("Rundgang, keine Auffälligkeiten", "Round, nothing unusual"),
    ("Inspektion i.O.", "Inspection OK"),
    ("Sichtprüfung, alles in Ordnung", "Visual check, all fine"),
)

NOTHING_FOUND: Final[tuple[Pair, ...]] = (
    ("geprüft, nichts gefunden", "checked, NFF"),
    ("kein Befund, Messstelle prüfen", "no fault found, check transmitter"),
    ("war bei Eintreffen wieder normal", "back to normal on arrival"),
)

LIMIT: Final[Pair] = ("GW", "High/low")

OTHER_WORK: Final[tuple[Pair, ...]] = (
    ("Beleuchtung defekt", "Lamp defective"),
    ("Isolierung erneuern", "Renew insulation"),
    ("Anstrich ausbessern", "Touch up paint"),
    ("Gerüst stellen für Rohrleitung", "Scaffold for pipework"),
    ("Typenschild fehlt", "Name plate missing"),
    ("Ölstand ergänzt", "Oil topped up"),
    ("Flansch am Nachbarbehälter undicht", "Flange on neighbouring vessel leaking"),
    ("Transmitter kalibriert", "Transmitter calibrated"),
)

PREFIXES: Final[tuple[str, ...]] = ("DRINGEND ", "asap ", "Stö. ", "Rep. ", "!! ")

REPAIRED: Final[tuple[Pair, ...]] = (
    ("Teil erneuert, Probelauf i.O.", "Part replaced, test run OK."),
    ("Ersatzteil aus Lager, Maschine übergeben.", "Spare from stock, handed over to operations."),
    ("Neu montiert, ausgerichtet, läuft.", "Refitted, aligned, running."),
)

AGAIN: Final[tuple[Pair, ...]] = (
    ("Wie letztes Mal.", "Same as last time."),
    ("Siehe Schichtbuch.", "See shift log."),
)
