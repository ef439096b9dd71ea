"""From lists of preventive plans to what was done and what is due."""

import pandas as pd

from pdm.operations.import_plans import import_plans
from pdm.operations.import_work_orders import import_work_orders
from pdm.readings.events import read_events
from pdm.records.options import ListOptions

HEADER = (
    "Wartungsplan;Abrufnummer;Technischer Platz;Wartungsplantext;Plandatum;Abschlussdatum;Auftrag;Zyklus;Zykluseinheit"
)


def written(tmp_path, *lines):
    (tmp_path / "ip24.csv").write_text("\n".join([HEADER, *lines]), encoding="cp1252")
    return tmp_path / "ip24.csv"


def run(plant, path, **options):
    return import_plans(plant, [path], ListOptions(**{"time_zone": "Europe/Berlin"} | options))


def test_a_completed_call_is_a_preventive_task_and_an_open_one_is_due(plant, tmp_path):
    path = written(
        tmp_path,
        "77;1;P-101;Ölwechsel;01.02.2026;03.02.2026;;6;MON",
        "77;2;P-101;Ölwechsel;01.08.2026;;;6;MON",
    )

    report = run(plant, path)

    events = read_events(plant.history)
    assert events["kind"].tolist() == ["preventive"]
    assert events["event_id"].tolist() == ["sap/IP24/77-1/preventive"]
    plans = pd.read_csv(plant.workspace.home / "records" / "plans.csv")
    assert plans.loc[0, ["asset", "cycle", "unit"]].tolist() == ["P-101", 6, "MON"]
    assert plans.loc[0, "due"].startswith("2026-07-31T22:00")
    assert (report.plans, report.rows_used) == (1, 2)


def test_the_same_list_twice_changes_nothing(plant, tmp_path):
    path = written(tmp_path, "77;1;P-101;Ölwechsel;01.02.2026;03.02.2026;4711;6;MON")
    run(plant, path)

    report = run(plant, path)

    assert (report.events_new, report.events_duplicate) == (0, 1)


def test_a_call_and_its_order_are_one_event_in_either_order(plant, tmp_path):
    path = written(tmp_path, "77;1;P-101;Ölwechsel;01.02.2026;03.02.2026;4711;6;MON")
    (tmp_path / "iw39.csv").write_text(
        "Order;Order Type;Functional Loc.;Description;Created on;Actual finish;System status\n"
        "4711;PM02;P-101;Oil change;2026-01-20;2026-02-02;TECO\n"
    )
    run(plant, path)
    import_work_orders(plant, [tmp_path / "iw39.csv"], ListOptions(time_zone="Europe/Berlin"))

    report = run(plant, path)

    events = read_events(plant.history)
    assert events["text"].tolist() == ["Oil change"]
    assert report.events_new == report.events_revised == 0


def test_a_plan_of_an_unknown_machine_waits(plant, tmp_path):
    report = run(plant, written(tmp_path, "78;1;XX-1;Ölwechsel;01.02.2026;03.02.2026;;6;MON"))

    assert report.rows_quarantined == 1
    assert report.orphans == (("XX-1", 1),)


def test_maximo_plans_say_what_is_due(plant, tmp_path):
    (tmp_path / "pm.csv").write_text(
        "pmnum,description,assetnum,location,frequency,frequnit,nextdate,lastcompdate,worktype\n"
        "PM100,Grease,P-101,,3,MONTHS,2026-09-01,2026-05-20,PM\n"
    )

    report = run(plant, tmp_path / "pm.csv")

    assert read_events(plant.history).empty
    plans = pd.read_csv(plant.workspace.home / "records" / "plans.csv")
    assert plans.loc[0, "finished"].startswith("2026-05-20")
    assert report.plans == 1
