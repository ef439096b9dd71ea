"""The planner's commands on a real plant."""

from icalendar import Calendar


def test_lists_come_in_and_bad_rows_are_counted_with_their_reason(plantpdm, home, tmp_path):
    crews = tmp_path / "crews.csv"
    crews.write_text("craft,hours per day\nmechanic,8\nwizard,8\n", encoding="utf-8")

    told = plantpdm("import", "planning", crews, "--home", home)

    assert "crews: 1 row" in told.out
    assert "1 x craft 'wizard' is unknown" in told.out
    assert "in quarantine" in told.out


def test_the_schedule_names_a_window_and_writes_a_calendar(plantpdm, worried, tmp_path):
    feed = tmp_path / "out" / "advice.ics"

    told = plantpdm("schedule", "--home", worried, "--ical", feed)

    assert "P-101" in told.out
    assert "calendar written to" in told.out
    titles = [str(event["summary"]) for event in Calendar.from_ical(feed.read_bytes()).walk("VEVENT")]
    assert any(title.startswith("Latest safe date: P-101") for title in titles)
    assert plantpdm("schedule", "--home", worried, "--json").answer["requests"][0]["asset"] == "P-101"


def test_the_schedule_of_a_quiet_plant_says_so(plantpdm, home):
    assert "no open work requests" in plantpdm("schedule", "--home", home).out


def test_trust_is_listed_its_ceiling_moved_and_a_rung_taken(plantpdm, home):
    told = plantpdm("trust", "ceiling", "pump", "bearing_wear", "draft", "--why", "good", "--home", home)

    assert "stands at suggest, its ceiling is draft" in told.out
    assert {line["trust"]["ceiling"] for line in plantpdm("trust", "list", "--home", home, "--json").answer} == {
        "suggest",
        "draft",
    }
    down = plantpdm("trust", "demote", "pump", "--why", "drift", "--mode", "bearing_wear", "--home", home)
    assert "pump/bearing_wear stands at show" in down.out
    assert plantpdm("trust", "ceiling", "pump", "rust", "draft", "--why", "x", "--home", home).code == 4


def test_nothing_can_wait_where_nothing_is_known(plantpdm, home):
    assert "nothing can wait" in plantpdm("deferrals", "list", "--left-out", "--home", home).out
    told = plantpdm("deferrals", "propose", "1", "P-1", "--approver", "Eve", "--home", home)
    assert (told.code, "no such plan is due" in told.err) == (4, True)
    assert plantpdm("deferrals", "decide", "de-1", "--decline", "--why", "x", "--home", home).code == 4
