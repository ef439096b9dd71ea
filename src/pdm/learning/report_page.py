"""The page of a training report: what the model is worth in a few sentences, then every view with its charts and figures.

One file: style and drawings are in it, nothing is fetched, and it is as readable on a dark screen, on paper and aloud.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from pdm.learning.evaluation import Evaluation, View
from pdm.learning.leak_report import QUESTIONS, report_from
from pdm.learning.report_charts import charts
from pdm.learning.report_picture import Picture, Reading
from pdm.learning.report_race import race
from pdm.learning.report_svg import shown, table
from pdm.learning.report_words import headline, name_of, title_of, value_of

_STYLE = """
:root{color-scheme:light dark;--page:#fff;--card:#f6f8f9;--text:#17242b;--muted:#51626c;--grid:#dde4e8;--c1:#0b6a88;--c2:#b0530a;
--c3:#6a3fa0;--c4:#28703c;--fill:#9cc7d6;--soft:#0b6a8830}
@media(prefers-color-scheme:dark){:root{--page:#10181c;--card:#182329;--text:#e6edf0;--muted:#a4b4bd;--grid:#2c3b43;--c1:#66c2e0;
--c2:#f0a15c;--c3:#bfa0ee;--c4:#86cf9a;--fill:#2f6478;--soft:#66c2e033}}
body{font:15px/1.5 system-ui,sans-serif;max-width:66rem;margin:2rem auto;padding:0 1rem;color:var(--text);background:var(--page)}
h1{font-size:1.5rem;line-height:1.25}h2{margin:2.5rem 0 .25rem;font-size:1.25rem}h3{margin:0;font-size:1rem}a{color:var(--c1)}
.note{color:var(--muted)}.lead{font-size:1.06rem}.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:1rem}
figure{margin:0;padding:.8rem 1rem;background:var(--card);border-radius:8px;min-width:0;max-width:36rem}
figure p{margin:.2rem 0 .5rem}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font:12px system-ui,sans-serif;fill:var(--text)}svg .label{fill:var(--muted)}
path{fill:none}.grid{stroke:var(--grid)}.line{stroke-width:2}.whisker{stroke-width:1.2;opacity:.7}.dots{stroke-linecap:round}
.c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}.c4{stroke:var(--c4)}.faint{stroke:var(--muted);opacity:.35}
.ideal,.rule,.zero{stroke:var(--muted);stroke-width:1.2}.ideal,.rule{stroke-dasharray:5 4}.fill{fill:var(--fill)}
.strong{fill:var(--c1);opacity:.55}.soft{fill:var(--soft);stroke:none}.soft.c2{fill:var(--c2);opacity:.18}.soft.c3{fill:var(--c3);opacity:.18}
.soft.c4{fill:var(--c4);opacity:.18}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:0 1rem;margin:.4rem 0 0;padding:0;font-size:13px;
color:var(--muted)}
.legend svg{display:inline-block;width:1.3rem;height:.7rem;margin-right:.35rem;vertical-align:middle}
table{border-collapse:collapse;margin:.6rem 0;font-size:14px}td,th{padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--grid);
text-align:left;font-weight:400;vertical-align:top}thead th{color:var(--muted);font-size:13px}td.n,th.n{text-align:right;
font-variant-numeric:tabular-nums;white-space:nowrap}summary{cursor:pointer;color:var(--c1)}.scroll{overflow-x:auto}
@media print{body{margin:0}figure,tr{break-inside:avoid}}"""

_NEVER = ("NaT", "nan", "None", "")
_SCROLL = "<div class=scroll tabindex=0 role=group aria-label=Table>"


def report_page(evaluation: Evaluation, report: Mapping[str, Any], title: str) -> str:
    """The whole page as HTML."""
    reading = _reading(report.get("facts", {}).get("reading", {}), str(report["unit"]))
    names = [f"v{number}" for number in range(len(evaluation.views))]
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        _facts(report["facts"], reading),
        _summary(evaluation, names, reading),
        _notes(evaluation, reading),
        _race(evaluation, report["facts"], reading),
        *(
            _section(view, name, report["importance"], reading)
            for view, name in zip(evaluation.views, names, strict=True)
        ),
        _leaks(report["facts"]),
    ]
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style><body>{''.join(parts)}</body></html>"
    )


def _reading(document: Mapping[str, Any], unit: str) -> Reading:
    if not document:
        return Reading(unit)
    fields = ("unit", "per", "currency", "planning", "titles", "channels")
    return Reading(**{name: document[name] for name in fields if name in document})


def _upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _facts(facts: Mapping[str, Any], reading: Reading) -> str:
    rung = facts.get("ladder", {})
    first, last = _moment(facts["from"], reading), _moment(facts["until"], reading)
    seen = f"{shown(facts['rows'])} feature rows of {facts['assets']} assets"
    said = [
        f"{seen}, from {first} to {last}." if first and last else f"{seen}.",
        f"It stands on the rung “{rung['rung']}”: {rung['why']}." if rung.get("rung") and rung.get("why") else "",
        facts.get("selection", {}).get("words", ""),
    ]  # fmt: skip
    return f"<p class=lead>{html.escape(reading.plain(' '.join(one for one in said if one)))}</p>"


def _moment(text: str, reading: Reading) -> str:
    """A moment to the minute, in UTC; a position on a counter with its unit; empty where there was no reading."""
    if text in _NEVER:
        return ""
    return f"{text[:16]} UTC" if text[4:5] == "-" else f"{float(text):g} {reading.unit}"


def _summary(evaluation: Evaluation, names: list[str], reading: Reading) -> str:
    if not evaluation.views:
        return "<p>Nothing was learnt from failures, so there is no answer to judge.</p>"
    lines = "".join(
        f"<li><a href='#{name}'>{html.escape(title_of(view, reading))}</a><br>{html.escape(headline(view, reading))}</li>"
        for view, name in zip(evaluation.views, names, strict=True)
    )
    return f"<h2>In short</h2><ul>{lines}</ul>"


def _notes(evaluation: Evaluation, reading: Reading) -> str:
    notes = [*evaluation.abstained.values(), *evaluation.warnings]
    if not notes:
        return ""
    listed = "".join(f"<li>{html.escape(_upper(reading.plain(note)))}</li>" for note in notes)
    return f"<h2>What to know before believing it</h2><ul>{listed}</ul>"


def _race(evaluation: Evaluation, facts: Mapping[str, Any], reading: Reading) -> str:
    titles = facts.get("reading", {}).get("modes", {})
    modes = {name.removesuffix(".said"): "" for row in evaluation.race[:1] for name in row if name.endswith(".said")}
    picture = race(evaluation.race, {mode: titles.get(mode, mode) for mode in modes}, reading)
    if picture is None:
        return ""
    why = (
        "Several ways to fail race each other. The chances come from one survival curve, shared by the modes' own models, so that with "
        "“no failure” they add up to 100 % at every horizon; what was seen is Aalen and Johansen's estimate, "
        "with its 90 % interval over assets."
    )
    return f"<h2>Competing failures</h2><p class=note>{why}</p><div class=charts>{_figure(picture)}</div>"


def _section(view: View, name: str, importance: Mapping[str, Mapping[str, float]], reading: Reading) -> str:
    pictures = "".join(_figure(picture) for picture in charts(view, importance.get(view.target, {}), reading))
    rows = [(figure, value, view.intervals.get(figure)) for figure, value in view.metrics.items()]
    rows += [(figure, value, None) for figure, value in view.baselines.items()]
    cells = "".join(_figure_row(figure, value, bounds, reading) for figure, value, bounds in rows)
    return (
        f"<section id={name}><h2>{html.escape(title_of(view, reading))}</h2><p class=note>{html.escape(view.protocol)}</p>"
        f"<p class=lead>{html.escape(headline(view, reading))}</p><div class=charts>{pictures}</div>"
        f"<details><summary>All figures, and those of answers without this model</summary>{_SCROLL}<table>"
        f"<thead><tr><th scope=col>figure</th><th scope=col class=n>value</th><th scope=col class=n>interval</th>"
        f"<th scope=col>what it is</th></tr></thead><tbody>{cells}</tbody></table></div></details></section>"
    )


def _figure_row(figure: str, value: float, bounds: tuple[float, float] | None, reading: Reading) -> str:
    name, meaning = name_of(figure, reading)
    return (
        f"<tr><th scope=row>{html.escape(name)}</th><td class=n>{html.escape(value_of(figure, value, reading))}</td>"
        f"<td class=n>{html.escape(_bounds(figure, bounds, reading))}</td><td class=note>{html.escape(meaning)}</td></tr>"
    )


def _bounds(figure: str, bounds: tuple[float, float] | None, reading: Reading) -> str:
    if bounds is None:
        return ""
    return f"{value_of(figure, bounds[0], reading)} to {value_of(figure, bounds[1], reading)}"


def _figure(picture: Picture) -> str:
    keys = "".join(f"<li>{_key(css)}{html.escape(words)}</li>" for css, words in picture.legend)
    return (
        f"<figure><figcaption><h3>{html.escape(picture.title)}</h3><p>{html.escape(picture.sentence)}</p></figcaption>{picture.drawing}"
        f"{f'<ul class=legend>{keys}</ul>' if keys else ''}"
        f"<details><summary>As a table</summary>{_SCROLL}{table(picture.headings, picture.rows)}</div></details></figure>"
    )


def _key(css: str) -> str:
    mark = (
        f'<rect class="{css}" width="20" height="10"/>'
        if css in ("fill", "soft")
        else f'<path class="line {css}" d="M0 5H20"/>'
    )
    return f'<svg viewBox="0 0 20 10" aria-hidden="true">{mark}</svg>'


def _leaks(facts: Mapping[str, Any]) -> str:
    found = report_from(facts.get("leaks"))
    if found is None:
        return ""
    order = list(QUESTIONS)
    lines = sorted(found.lines, key=lambda line: order.index(line.name) if line.name in order else len(order))
    rows = "".join(
        f"<tr><th scope=row>{html.escape(QUESTIONS.get(line.name, line.name))}</th><td>{line.mark}</td>"
        f"<td>{html.escape(line.sentence)}</td></tr>"
        for line in lines
    )
    return (
        "<h2>Leak guard</h2><p class=note>Whether anything that the model saw could have told it the answer. "
        "“LEAK” would have stopped the training, “look” asks for a second pair of eyes.</p>"
        f"{_SCROLL}<table><thead><tr><th scope=col>question</th><th scope=col>answer</th><th scope=col>because</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )
