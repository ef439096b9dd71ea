"""What the columns of a maintenance system's lists are called, as data: German and English SAP lists, and Maximo.

A list is recognised by its headers alone, since exports are renamed, mailed and saved again before they reach us. Names are compared
without case, accents, blanks and punctuation (`pdm.readings.columns.simple`). The first two spellings of a SAP field are how its
standard layouts write it in German and in English; a generator of realistic exports uses exactly these (`standard_header`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Record = Literal["work", "plan", "asset"]

Names = dict[str, tuple[str, ...]]
"""Field -> spellings of its header: German, English, then whatever else is seen."""


@dataclass(frozen=True)
class ListKind:
    """One list that a maintenance system exports.

    record: what its rows are about. fields: field -> spellings. needed: alternatives of fields, of each of which one must be there.
    tells: fields by which this list is told from others that share most columns.
    """

    name: str
    system: Literal["sap", "maximo"]
    record: Record
    title: str
    fields: Names
    needed: tuple[tuple[str, ...], ...]
    tells: tuple[str, ...] = ()


# In SAP a date and its time stand in two columns; `<field>_time` is the second one. A bare "Uhrzeit" or "Time" belongs to the
# date before it.
CLOCK_WORDS = ("Uhrzeit", "Zeit", "Time", "Uhrz.")

_OBJECT: Names = {
    "equipment": ("Equipment", "Equipmentnummer", "Equipment-Nr.", "Equipment number", "Equipment no.", "EQUNR"),
    "location": ("Technischer Platz", "Functional Loc.", "Functional Location", "Techn. Platz", "Technischer Pl.",
                 "TechnPlatz", "Func. Loc.", "Funct. location", "TPLNR"),
    "technical_id": ("Techn. Identnummer", "TechIdentNo.", "Techn. Identnr.", "Technical ident. no.", "TechIdentNo",
                     "Sortierfeld", "Sort field", "TIDNR"),
    "object_text": ("Bezeichnung des technischen Objekts", "Description of technical object", "Bezeichnung TechnObjekt",
                    "Bezeichnung techn. Objekt", "Objektbezeichnung", "Object description", "Descr. of tech. object"),
}  # fmt: skip

_CODES: Names = {
    "part": ("Objektteilcode", "ObjectPartCode", "Object part code", "Objektteil", "Object part", "OTEIL"),
    "part_text": ("Objektteilcode Text", "ObjPartCodeText", "Text Objektteil", "Objektteiltext", "Object part text"),
    "damage": ("Schadenscode", "Damage code", "Problem code", "Schaden", "Damage", "Code", "Coding", "Codierung", "FECOD"),
    "damage_text": ("Schadenscode Text", "Prob. code text", "Damage code text", "Schadenstext", "Text Schadenscode",
                    "Coding code txt", "Codetext", "Problem code text"),
    "cause": ("Ursachencode", "Cause code", "Ursache", "Cause", "URCOD"),
    "cause_text": ("Ursachencode Text", "Cause code text", "Ursachentext", "Text Ursachencode", "Cause text"),
}  # fmt: skip

_ENTRY: Names = {
    "created": ("Angelegt am", "Created on", "Erfaßt am", "Erfasst am", "Erstellt am", "Entered on", "ERDAT"),
    "created_time": ("Angelegt um", "Created at", "Erfasst um", "Erstellungszeit", "Entered at", "ERZEIT"),
    "changed": ("Geändert am", "Changed on", "Letzte Änderung", "Last changed on", "AEDAT"),
    "changed_time": ("Geändert um", "Changed at", "AEZEIT"),
    "text": ("Beschreibung", "Description", "Kurztext", "Short text", "Bezeichnung", "Meldungstext"),
    "long_text": ("Langtext", "Long text", "Notiz"),
    "priority": ("Priorität", "Priority", "Prio", "PRIOK"),
    "status": ("Systemstatus", "System status", "Status", "Anwenderstatus", "User status"),
}  # fmt: skip

_NOTIFICATIONS: Names = {
    "number": ("Meldung", "Notification", "Meldungsnummer", "Notification no.", "Notifctn", "QMNUM"),
    "kind": ("Meldungsart", "Notifictn type", "Notification type", "Notif. type", "QMART"),
    "order": ("Auftrag", "Order", "Auftragsnummer", "Order number", "AUFNR"),
    "noted": ("Meldungsdatum", "Notif.date", "Notification date", "QMDAT"),
    "noted_time": ("Meldungszeit", "Notification time", "Notif. time", "MZEIT"),
    "started": ("Störungsbeginn", "Malfunct. start", "Malfunction start", "Beginn der Störung", "AUSVN"),
    "started_time": ("Störungsbeginn (Uhrzeit)", "Start Malfn (T)", "Störungsbeginn (Zeit)", "Störungsbeginn Uhrzeit",
                     "Störungsbeginn Zeit", "Malfunction start time", "Malfunct. start time", "AUZTV"),
    "ended": ("Störungsende", "Malfunct.end", "Malfunct. end date", "Ende der Störung", "AUSBS"),
    # SAP's English list calls the clock time of the end "Malfunction end".
    "ended_time": ("Störungsende (Uhrzeit)", "Malfunction end", "Störungsende (Zeit)", "Störungsende Uhrzeit",
                   "Störungsende Zeit", "Malfunction end time", "AUZTB"),
    "finished": ("Abschlussdatum", "Completn date", "Completion date", "Abgeschlossen am", "Meldungsabschluss", "QMDAB"),
    "finished_time": ("Abschlusszeit", "Completion time", "Completn time", "QMZAB"),
    "breakdown": ("Ausfall", "Breakdown", "Anlagenstillstand", "Stillstand", "Breakdown ind.", "MSAUS"),
} | _OBJECT | _CODES | _ENTRY  # fmt: skip

_ORDERS: Names = {
    "number": ("Auftrag", "Order", "Auftragsnummer", "Order number", "AUFNR"),
    "kind": ("Auftragsart", "Order Type", "Order type", "AUART"),
    "notification": ("Meldung", "Notification", "Meldungsnummer", "Notification no.", "QMNUM"),
    "activity": ("Instandhaltungsleistungsart", "Maint. activity type", "IH-Leistungsart", "MaintActivType", "ILART"),
    "due": ("Eckstarttermin", "Bas. start date", "Basic start date", "Eckstart", "Basic start", "GSTRP"),
    "due_end": ("Eckendtermin", "Basic fin. date", "Basic finish date", "Eckende", "Basic finish", "GLTRP"),
    "started": ("Iststart", "Actual start", "Iststarttermin", "Actual start date", "GSTRI"),
    "started_time": ("Iststart (Uhrzeit)", "Actual start (T)", "Iststartzeit", "Actual start time", "GSUZI"),
    "finished": ("Istende", "Actual finish", "Istendtermin", "Actual finish date", "GETRI"),
    "finished_time": ("Istende (Uhrzeit)", "Actual finish (T)", "Istendzeit", "Actual finish time", "GEUZI"),
    "closed": ("Technisch abgeschlossen am", "Tech. completion", "Technischer Abschluss", "Reference date",
               "Technical completion", "Bezugsdatum", "IDAT2"),
    "plan": ("Wartungsplan", "Maintenance Plan", "Maint. plan", "WARPL"),
    "breakdown": ("Ausfall", "Breakdown", "Anlagenstillstand", "Breakdown ind.", "MSAUS"),
} | _OBJECT | _CODES | _ENTRY  # fmt: skip

_PLANS: Names = {
    "number": ("Wartungsplan", "Maintenance Plan", "Maint. plan", "MaintPlan", "WARPL"),
    "call": ("Abrufnummer", "Call number", "Abruf", "Call no.", "ABNUM"),
    "text": ("Wartungsplantext", "Maintenance plan text", "Beschreibung", "Description", "Kurztext", "Short text",
             "Bezeichnung", "Maintenance item text", "Wartungspositionstext"),
    "due": ("Plandatum", "Planned date", "Plantermin", "Plan date", "NPLDA"),
    "called": ("Abrufdatum", "Call date", "HORDA"),
    "finished": ("Abschlussdatum", "Completion date", "Completn date", "Rückmeldedatum", "LRMDT"),
    "finished_time": ("Abschlusszeit", "Completion time"),
    "cycle": ("Zyklus", "Cycle", "Zyklus/Offset", "Cycle/Offset", "ZYKL1"),
    "cycle_unit": ("Zykluseinheit", "Cycle unit", "Einheit", "Unit", "ZEIEH"),
    "order": ("Auftrag", "Order", "Auftragsnummer", "Order number", "AUFNR"),
    "kind": ("Auftragsart", "Order Type", "Plantyp", "Plan type", "Wartungsplantyp", "Maintenance plan category"),
    "status": ("Systemstatus", "System status", "Status", "Abrufstatus", "Scheduling status"),
} | _OBJECT  # fmt: skip

_STRUCTURE: Names = {
    "equipment": _OBJECT["equipment"],
    "location": _OBJECT["location"],
    "technical_id": _OBJECT["technical_id"],
    "text": ("Bezeichnung", "Description", "Beschreibung", "Kurztext", "Bezeichnung des technischen Objekts",
             "Description of technical object"),
    "parent": ("Übergeordneter Platz", "Superior functional location", "Superior FL", "Übergeordneter Technischer Platz",
               "Supr. functional location", "Übergeordneter Techn. Platz", "SupFunctLoc.", "Übergeord. Platz", "TPLMA"),
    "parent_equipment": ("Übergeordnetes Equipment", "Superior equipment", "Superord. Equipment", "Superior Equip.", "HEQUI"),
    "serial": ("Serialnummer", "Serial number", "Serial No.", "Herstellerserialnummer", "ManufSerialNumber",
               "Manufacturer serial number", "SERNR", "SERGE"),
    "installed": ("Gültig ab", "Valid from", "Einbaudatum", "Installation date", "Eingebaut am", "Installed on", "DATAB"),
    "installed_time": ("Einbauzeit", "Installation time"),
    "removed": ("Gültig bis", "Valid to", "Ausbaudatum", "Dismantling date", "Ausgebaut am", "Removed on", "DATBI"),
    "removed_time": ("Ausbauzeit", "Dismantling time"),
    "commissioned": ("Inbetriebnahme", "Start-up date", "Inbetriebnahmedatum", "Startup date", "INBDT"),
    "kind": ("Objektart", "Object type", "Techn. Objektart", "Technical object type", "Equipmenttyp",
             "Equipment category", "Klasse", "Class", "EQART"),
    "criticality": ("ABC-Kennzeichen", "ABC indicator", "ABC-Kennz.", "ABC indic.", "ABCKZ"),
    "item": ("Bauteil", "Component", "Maintainable item", "Baugruppe", "Assembly"),
    "manufacturer": ("Hersteller", "Manufacturer"),
    "model": ("Typbezeichnung", "Model number", "Model"),
    "status": ("Systemstatus", "System status", "Status"),
    "created": _ENTRY["created"],
    "changed": _ENTRY["changed"],
}  # fmt: skip

_WORKORDER: Names = {
    "number": ("wonum",), "equipment": ("assetnum",), "location": ("location",), "text": ("description",),
    "long_text": ("description_longdescription",), "kind": ("worktype",), "priority": ("wopriority",),
    "created": ("reportdate",), "started": ("actstart",), "finished": ("actfinish",), "changed": ("changedate", "statusdate"),
    "status": ("status",), "failure_class": ("failurecode", "failureclass"), "damage": ("problemcode",),
    "cause": ("causecode",), "part": ("componentcode", "component"), "plan": ("pmnum",), "parent_order": ("parent",),
    "due": ("schedstart", "targstartdate"), "due_end": ("schedfinish", "targcompdate"), "breakdown": ("assetdown", "downtime"),
    "site": ("siteid",), "ended": ("failuredate_end",),
}  # fmt: skip

_PM: Names = {
    "number": ("pmnum",), "equipment": ("assetnum",), "location": ("location",), "text": ("description",),
    "due": ("nextdate",), "finished": ("lastcompdate",), "called": ("laststartdate",), "cycle": ("frequency",),
    "cycle_unit": ("frequnit",), "kind": ("worktype",), "status": ("status",), "site": ("siteid",),
}  # fmt: skip

_ASSET: Names = {
    "equipment": ("assetnum",), "text": ("description",), "location": ("location",), "parent_equipment": ("parent",),
    "serial": ("serialnum",), "installed": ("installdate",), "kind": ("assettype", "classstructureid"), "status": ("status",),
    "criticality": ("priority",), "changed": ("changedate",), "manufacturer": ("manufacturer",), "site": ("siteid",),
}  # fmt: skip

_LOCATIONS: Names = {
    "location": ("location",), "text": ("description",), "parent": ("parent",), "kind": ("type",), "status": ("status",),
    "site": ("siteid",), "changed": ("changedate",),
}  # fmt: skip

_ANY_OBJECT = ("equipment", "location", "technical_id", "object_text")

LISTS: tuple[ListKind, ...] = (
    ListKind("IW29", "sap", "work", "notifications", _NOTIFICATIONS,
             (("number",), _ANY_OBJECT, ("started", "noted", "created")), ("kind", "started", "noted", "ended")),
    ListKind("IW39", "sap", "work", "orders", _ORDERS,
             (("number",), _ANY_OBJECT, ("started", "finished", "created", "due")), ("kind", "due", "finished", "started")),
    ListKind("IP24", "sap", "plan", "maintenance plan calls", _PLANS,
             (("number",), _ANY_OBJECT, ("due", "finished")), ("call", "due", "cycle", "called")),
    ListKind("IH01", "sap", "asset", "structure and equipment", _STRUCTURE,
             (("equipment", "location"),), ("parent", "parent_equipment", "serial", "installed", "kind", "criticality")),
    ListKind("WORKORDER", "maximo", "work", "work orders", _WORKORDER,
             (("number",), ("equipment", "location"), ("created", "started", "finished")), ("number",)),
    ListKind("PM", "maximo", "plan", "preventive maintenance", _PM,
             (("number",), ("equipment", "location")), ("number",)),
    ListKind("ASSET", "maximo", "asset", "assets", _ASSET, (("equipment",),), ("serial", "parent_equipment", "installed")),
    ListKind("LOCATIONS", "maximo", "asset", "locations", _LOCATIONS, (("location",), ("parent", "kind")), ("parent",)),
)  # fmt: skip
"""All lists that are understood."""


def list_kind(name: str) -> ListKind:
    """The list called `name`; a `KeyError` is a mistake of ours.

    >>> list_kind("IW29").fields["started"][:2]
    ('Störungsbeginn', 'Malfunct. start')
    """
    return {kind.name: kind for kind in LISTS}[name]


def standard_header(name: str, field: str, language: Literal["de", "en"]) -> str:
    """How SAP's standard layout writes a field in this language.

    >>> standard_header("IW29", "started_time", "en")
    'Start Malfn (T)'
    """
    spellings = list_kind(name).fields[field]
    return spellings[0] if language == "de" or len(spellings) == 1 else spellings[1]
