"""The example of the page about judging alerts runs as it is written."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "judge-an-alert-policy.md"
BLOCKS = dict(re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))


def test_the_stream_of_the_page_is_judged_by_the_code_of_the_page(hand, tmp_path, monkeypatch, capsys):
    before = 606  # days from 5 May 2024, where the page's test months begin, to New Year 2026
    failure = hand.failure("P-101", onset=20 - before, failure=60 - before)
    truth = hand.truth(failure, assets=("P-101", "P-123"))
    truth.exposure["start"], truth.exposure["end"] = hand.day(-before), hand.day(200 - before)
    truth.save(tmp_path / "my-plant-truth")
    (tmp_path / "alerts.csv").write_text(BLOCKS["csv"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    exec(compile(BLOCKS["python"], PAGE.name, "exec"), {})  # noqa: S102  our own page

    told = capsys.readouterr().out
    assert "Figure(value=1.0" in told
    assert re.search(r"P-101 .* in time", told)
    assert re.search(r"P-123 .* false", told)
