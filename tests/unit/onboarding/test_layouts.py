"""Files as people export them: each gives the right proposal or a clear question, never a silent wrong guess."""

import io

import numpy as np
import pandas as pd
import pytest

from pdm.errors import ColumnsError, InputError, UnreadableFile
from pdm.onboarding.answers import Answers
from pdm.onboarding.propose import propose
from pdm.onboarding.tables import join, machines, readings_of
from pdm.readings.cells import to_numbers
from pdm.readings.files import from_frame, read_file

NOW = pd.Timestamp("2026-05-01", tz="UTC").to_pydatetime()
HOURS = 300


def plain(tags=("M-1", "M-2", "M-3")):
    """Three machines, an hourly clock, a pressure, a temperature and a speed."""
    rng = np.random.default_rng(4)
    parts = [
        pd.DataFrame(
            {
                "machine": tag,
                "time": pd.date_range("2026-01-01", periods=HOURS, freq="1h").strftime("%Y-%m-%d %H:%M"),
                "Pressure [bar]": rng.normal(12.5, 1, HOURS).round(2),
                "Temp [°C]": rng.normal(60, 3, HOURS).round(1),
                "Speed [rpm]": rng.normal(1480, 20, HOURS).round(0),
            }
        )
        for tag in tags
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def asked(tmp_path):
    """The proposal for a file with this text (or for this frame as CSV), and the files as they were understood."""

    def ask(content, answers=None, name="data.csv", encoding="utf-8", **how):
        text = content if isinstance(content, str) else content.to_csv(index=False, **how)
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        files = join([read_file(path)], answers or Answers())
        return files, propose("pump", files.table, answers or Answers())

    return ask


def as_plain(files, proposal):
    """What will be stored, in the units and order of `plain`."""
    rows = readings_of(files, proposal, NOW).sort_values(["asset", "time"], kind="stable").reset_index(drop=True)
    return np.column_stack([to_numbers(rows[name]).values for name in ("pressure", "temp", "speed")])


def expected():
    return plain()[["Pressure [bar]", "Temp [°C]", "Speed [rpm]"]].to_numpy()


def narrow():
    long = plain().melt(["machine", "time"], var_name="tag", value_name="value")
    long["unit"] = long["tag"].str.extract(r"\[(.*)\]")[0]
    return long.assign(tag=long["tag"].str.replace(r" \[.*", "", regex=True)).sort_values(["time", "tag", "machine"])


def test_a_narrow_table_becomes_one_channel_per_measurement_with_its_unit(asked):
    files, found = asked(narrow())

    assert {(c.name, c.unit) for c in found.channels} == {("pressure", "bar"), ("temp", "degC"), ("speed", "rpm")}
    assert (found.asset, found.time, found.assets) == ("machine", "time", 3)
    assert any("narrow table: 'tag' says what was measured" in sentence for sentence in found.why)
    np.testing.assert_array_equal(as_plain(files, found), expected())


def test_a_narrow_table_in_two_units_comes_in_one(asked):
    table = narrow()
    other = (table["tag"] == "Pressure") & (table["machine"] == "M-2")
    table.loc[other, "value"] *= 1e5
    table.loc[other, "unit"] = "Pa"

    files, found = asked(table)

    np.testing.assert_allclose(as_plain(files, found), expected(), rtol=1e-9)
    with pytest.raises(InputError, match="'Pressure' comes in rpm and in bar"):
        asked(table.assign(unit=table["unit"].where(~other, "rpm")))


def test_names_that_could_be_machines_or_measurements_are_asked_about_and_an_answer_counts(asked):
    one = narrow()[lambda table: table["machine"] == "M-1"].drop(columns=["machine", "unit"])

    _, found = asked(one)
    _, told = asked(one, Answers(asset="tag"))

    assert len(found.channels) == 3
    assert any("--asset tag" in question for question in found.questions)
    assert (told.asset, told.assets, [c.name for c in told.channels]) == ("tag", 3, ["value"])


def test_columns_that_name_their_machine_become_rows_of_it(asked):
    wide = plain().set_index(["time", "machine"]).unstack("machine")
    wide.columns = [f"{machine}.{what.split()[0]}" for what, machine in wide.columns]

    files, found = asked(wide.reset_index())
    _, told = asked(wide.reset_index(), Answers(machine="line 4"))

    assert sorted(machines(files, found).unique()) == ["M-1", "M-2", "M-3"]
    assert any("--machine NAME" in question for question in found.questions)
    np.testing.assert_array_equal(as_plain(files, found), expected())
    assert (told.assets, len(told.channels)) == (1, 9)


def test_the_time_of_the_measurement_comes_before_that_of_the_writing_and_is_asked_about(asked):
    table = plain()
    table.insert(0, "inserted_at", pd.to_datetime(table["time"]) + pd.Timedelta("3h"))
    table = table.rename(columns={"time": "measured_at"})

    _, found = asked(table)
    _, told = asked(table, Answers(time="inserted_at"))

    assert found.time == "measured_at"
    assert any("usually 3 h after 'measured_at'" in question for question in found.questions)
    assert told.time == "inserted_at"
    assert not any("holds times as well" in question for question in told.questions)


@pytest.mark.parametrize("name", ["Date", "time"])
def test_spreadsheet_days_are_moments(asked, name):
    days = (pd.to_datetime(plain()["time"]) - pd.Timestamp("1899-12-30")) / pd.Timedelta("1D")

    files, found = asked(plain().assign(time=days).rename(columns={"time": name}))

    assert (found.axis.kind, found.axis.step) == ("time", pytest.approx(1.0))
    assert any("as spreadsheets do: its first row is 2026-01-01 00:00:00" in sentence for sentence in found.why)
    assert readings_of(files, found, NOW)["time"].min() == pd.Timestamp("2026-01-01")


def test_hours_of_running_are_no_dates(asked):
    _, found = asked(
        plain().assign(time=np.tile(np.arange(30_000.0, 30_000.0 + HOURS), 3)).rename(columns={"time": "run time"})
    )

    assert found.axis.kind == "usage"


@pytest.mark.parametrize(("name", "scale"), [("ts_ms", 1e3), ("timestamp", 1.0), ("EPOCH", 1e6)])
def test_numbers_that_count_from_1970_are_moments_whatever_they_are_called(asked, name, scale):
    seconds = pd.to_datetime(plain()["time"]).astype("datetime64[s]").astype("int64")

    _, found = asked(plain().assign(time=(seconds * scale).astype("int64")).rename(columns={"time": name}))

    assert (found.time, found.axis.kind, found.axis.step) == (name, "time", pytest.approx(1.0))


def test_a_time_that_begins_at_zero_is_a_counter(asked):
    _, found = asked(plain().assign(time=np.tile(np.arange(HOURS), 3)))

    assert (found.time, found.axis.kind, found.axis.unit) == ("time", "usage", "time steps")


def test_date_and_time_of_day_in_two_columns_are_one_moment(asked):
    table = plain()
    table.insert(1, "Date", table["time"].str[:10])

    files, found = asked(table.assign(time=table["time"].str[11:]))

    assert (found.time, found.axis.step, found.assets) == ("Date time", pytest.approx(1.0), 3)
    np.testing.assert_array_equal(as_plain(files, found), expected())


def test_decimal_commas_latin_letters_and_a_byte_order_mark_change_nothing(asked):
    for how in (
        {"sep": ";", "decimal": ",", "encoding": "latin-1"},
        {"encoding": "utf-8-sig"},
        {"sep": "\t", "encoding": "utf-16"},
    ):
        files, found = asked(plain(), **how)
        np.testing.assert_array_equal(as_plain(files, found), expected())


def test_three_decimals_behind_a_comma_are_no_thousands_where_semicolons_separate(asked):
    order = np.random.default_rng(2).permutation(3 * HOURS)
    thin = plain().assign(**{"Pressure [bar]": [f"{1 + n / 1000:.3f}".replace(".", ",") for n in order]})

    files, found = asked(thin, sep=";")

    assert found.measured[0].seen == (1.0, pytest.approx(1.899))
    np.testing.assert_allclose(np.sort(as_plain(files, found)[:, 0]), 1 + np.arange(3 * HOURS) / 1000)


def test_a_row_of_units_goes_into_the_header(asked):
    bare = plain().rename(columns=lambda name: name.split(" [")[0])
    lines = bare.to_csv(index=False).splitlines()

    files, found = asked("\n".join([lines[0], ",,bar,°C,rpm", *lines[1:]]))

    assert {(c.name, c.unit) for c in found.channels} == {("pressure", "bar"), ("temp", "degC"), ("speed", "rpm")}
    assert found.assets == 3
    np.testing.assert_array_equal(as_plain(files, found), expected())


def test_a_header_that_comes_again_is_no_row(asked):
    lines = plain().to_csv(index=False).splitlines()

    files, found = asked("\n".join([*lines[:150], lines[0], *lines[150:]]))

    assert (found.assets, found.rows) == (3, 3 * HOURS)
    assert "1 row(s) repeat the header and are left out" in found.why
    np.testing.assert_array_equal(as_plain(files, found), expected())


def test_words_for_on_and_off_become_a_channel_that_says_when_it_runs(asked):
    on = np.where(np.random.default_rng(1).random(3 * HOURS) < 0.9, "on", "off")

    _, found = asked(plain().assign(running=on).drop(columns="Speed [rpm]"))

    assert found.running is not None
    assert found.running.channel == "running"
    assert not any("'running'" in question for question in found.questions)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text.split("\n", 1)[1], "has no header line: its first line reads M-1, 2026-01-01 00:00"),
        (
            lambda text: "Export of plant 7\nCreated 1 May\n\n" + text,
            "'Export of plant 7', is no header of what follows",
        ),
        (lambda text: text.replace("Temp [°C]", "Pressure [bar]"), "two columns called"),
    ],
    ids=["no header", "title lines", "twins"],
)
def test_a_first_line_that_is_no_header_is_refused_with_what_it_says(asked, spoil, words):
    with pytest.raises((ColumnsError, UnreadableFile), match=words.replace("(", r"\(")):
        asked(spoil(plain().to_csv(index=False)))


def test_rows_that_share_moments_without_a_machine_are_a_question_and_nothing_is_stored(asked):
    _, found = asked(plain().drop(columns="machine"))

    assert "no column tells them apart: which one names the machine? --asset" in found.blocked
    assert found.questions[0] == found.blocked


def test_a_few_rows_without_a_machine_do_not_hide_the_others(asked):
    table = plain()
    table.loc[[5, 400], "machine"] = ""

    _, found = asked(table)

    assert (found.asset, found.assets, found.blocked) == ("machine", 3, "")


def test_the_one_machine_of_a_file_bears_its_own_name_and_a_unit_is_none(asked):
    files, found = asked(plain(("M-1",)))
    others, bare = asked(plain(("M-1",)).drop(columns="machine").assign(unit="bar"))

    assert set(machines(files, found)) == {"M-1"}
    assert set(machines(others, bare)) == {"data"}
    assert any("called 'data' like the file; --machine" in sentence for sentence in bare.why)


def test_lines_that_do_not_fit_the_header_are_told(asked):
    lines = plain().to_csv(index=False).splitlines()

    _, found = asked("\n".join([*lines[:10], "M-1,2026-01-01", *lines[10:]]))

    assert any("1 line(s) of data.csv do not fit the header and are left out: line 11" in one for one in found.why)


def test_day_and_month_that_cannot_be_told_apart_are_asked_about(asked):
    table = plain(("M-1",)).assign(
        time=pd.date_range("2026-01-01", periods=HOURS, freq="1h").strftime("%d/%m/%Y %H:%M")
    )
    few = table.head(200)

    with pytest.raises(InputError, match="which number is the day"):
        asked(few)
    _, found = asked(few, Answers(day_first=True))
    assert found.axis.step == pytest.approx(1.0)


def test_a_table_of_one_kind_of_cells_stays_as_it_is():
    frame = pd.read_csv(io.StringIO("index,a,b\n1,2.5,3\n2,2.7,4\n3,2.1,5\n4,2.2,1\n"))

    files = join([from_frame(frame, "a.csv")], Answers())

    pd.testing.assert_frame_equal(files.frame, frame)
    assert files.table.notes == ()


def test_a_counter_is_found_in_rows_of_any_order_narrow_or_wide(asked):
    rng = np.random.default_rng(3)
    wide = pd.DataFrame({"unit": np.repeat([1, 2, 3], 200), "cycle": np.tile(np.arange(200), 3)})
    wide = wide.assign(p=rng.normal(size=600), t=rng.normal(size=600))
    long = wide.melt(["unit", "cycle"], var_name="sensor", value_name="value").sort_values(["unit", "cycle", "sensor"])

    for table in (wide.sample(frac=1, random_state=1), long):
        _, found = asked(table)
        assert (found.asset, found.time, [c.name for c in found.channels]) == ("unit", "cycle", ["p", "t"])


def test_without_any_time_the_order_of_the_file_counts_and_is_asked_about(asked):
    rng = np.random.default_rng(3)

    _, found = asked(pd.DataFrame({"p": rng.normal(size=300), "t": rng.normal(size=300)}))

    assert found.time is None
    assert any(question.startswith("which column says when") for question in found.questions)


def test_words_among_numbers_become_gaps_and_are_told(asked):
    table = plain()
    bad = np.random.default_rng(1).random(len(table)) < 0.3
    table["Pressure [bar]"] = table["Pressure [bar]"].astype("str").where(~bad, "I/O Timeout")

    _, found = asked(table)

    assert "pressure" in {channel.name for channel in found.channels}
    assert any(f"'Pressure [bar]' holds no number in {bad.sum()} of {len(table)}" in sentence for sentence in found.why)


def test_names_that_are_mostly_numbers_are_no_measurement(asked):
    names = [f"{n}A" if n % 3 == 0 else str(n) for n in range(3 * HOURS)]

    _, found = asked(plain().assign(part=names))

    assert "part" not in {channel.name for channel in found.channels}
