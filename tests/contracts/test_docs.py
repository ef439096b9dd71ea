"""Promises of the documents: they name everything there is, their links lead somewhere, and their command lines exist and run."""

import inspect
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import typer

import pdm.cli
from pdm import errors
from pdm.cli.app import app
from pdm.cli.refusals import exit_code
from pdm.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("features", "models", "flows", "serving", "notebooks")
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / room / "README.md" for room in ROOMS),
    ]
)
HOW_TO = sorted((ROOT / "docs" / "how-to").glob("*.md"))
ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.PdmError)]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def relative(path):
    return path.relative_to(ROOT).as_posix() if isinstance(path, Path) else None


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def table_rows(text):
    """The cells of every line of every Markdown table."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def commands(command, path=()):
    """Every command that does something, by its path."""
    for name, child in command.commands.items():
        yield from commands(child, (*path, name)) if hasattr(child, "commands") else [((*path, name), child)]


COMMANDS = dict(commands(typer.main.get_command(app)))


def command_lines(text):
    """The words of every `plantpdm ...` in the fenced console and shell blocks, in order."""
    for language, block in FENCE.findall(text):
        if language not in ("console", "sh"):
            continue
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words[:1] == ["plantpdm"]:
                yield words[1:]


def test_every_setting_is_documented_with_its_variable_its_default_and_its_help():
    rows = {row[0]: row for row in table_rows(read("docs/settings.md"))}

    for name, field in Settings.model_fields.items():
        default = "none" if field.default is None else str(field.default)
        default = default.lower() if isinstance(field.default, bool) else default
        assert rows[f"`{name}`"] == [f"`{name}`", f"`PDM_{name.upper()}`", f"`{default}`", field.description]


def test_no_setting_is_documented_that_does_not_exist():
    keys = {row[0].strip("`") for row in table_rows(read("docs/settings.md"))[2:]}

    assert keys == set(Settings.model_fields)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_is_documented_with_its_meaning_status_and_exit_code(kind):
    rows = {row[0]: row for row in table_rows(read("docs/errors.md"))}
    refusal = kind("train", "training") if kind is errors.MissingExtra else kind("no")

    _, meaning, status, code = rows[f"`{kind.__name__}`"]

    assert len(meaning) > 10
    assert (status, code) == (str(kind.status), str(exit_code(refusal)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_stands_on_the_map(path):
    assert f"`plantpdm {' '.join(path)}`" in read("docs/command-line.md")


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_relative_link_leads_somewhere(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [link.split("#")[0] for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]

    assert [target for target in targets if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if list(command_lines(page.read_text("utf-8")))], ids=relative)
def test_every_command_line_names_a_command_its_options_and_enough_arguments(page):
    tree = typer.main.get_command(app)

    for words in command_lines(page.read_text(encoding="utf-8")):
        depth = 2 if tuple(words[:2]) in COMMANDS else 1
        path = tuple(words[:depth])
        assert path in COMMANDS, f"no command: plantpdm {' '.join(words)}"
        context = tree.make_context("plantpdm", [], resilient_parsing=True)
        # Raises a usage error for an unknown option, a missing argument or a value of the wrong kind.
        COMMANDS[path].make_context(" ".join(path), words[depth:], parent=context)


@pytest.mark.parametrize("page", [*HOW_TO, ROOT / "docs" / "tutorial.md", ROOT / "docs" / "settings.md"], ids=relative)
def test_every_how_to_ends_with_how_to_verify_and_what_to_do_if_it_does_not_work(page):
    headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)

    assert headings[-2:] == ["Verify", "If it does not work"]


@pytest.mark.parametrize("page", HOW_TO, ids=relative)
def test_every_how_to_is_found_from_the_readme(page):
    assert relative(page) in read("README.md")


@pytest.mark.parametrize("page", [page for page in PAGES if page.parts[-2] != "decisions"], ids=relative)
def test_every_fenced_block_says_what_it_holds_or_is_a_picture(page):
    languages = {language for language, _ in FENCE.findall(page.read_text(encoding="utf-8"))}

    assert languages <= {"", "console", "csv", "python", "sh", "toml"}


def test_the_definitions_of_the_how_to_are_definitions(tmp_path):
    from pdm.catalogue import load_catalogue
    from pdm.workspace import Workspace

    blocks = [block for language, block in FENCE.findall(read("docs/how-to/define-a-machine.md")) if language == "toml"]
    for room, block in zip(("features", "models"), blocks, strict=True):
        (tmp_path / room).mkdir()
        (tmp_path / room / "mixer.toml").write_text(block, encoding="utf-8")

    catalogue = load_catalogue(Workspace(tmp_path))

    assert catalogue.asset_class("mixer").channel_names == ("motor_current", "gearbox_temperature")
    assert [mode.name for mode in catalogue.model("mixer").failure_modes] == ["gearbox_wear"]


def test_the_settings_of_the_example_are_settings(tmp_path):
    from pdm.settings import FILE_NAME, load

    block = next(block for language, block in FENCE.findall(read("docs/settings.md")) if language == "toml")
    (tmp_path / FILE_NAME).write_text(block, encoding="utf-8")

    assert load(tmp_path).plant_name == "North mill"


@pytest.mark.slow
def test_the_tutorial_runs_as_it_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("USER", "Ada")
    lines = list(command_lines(read("docs/tutorial.md")))
    monkeypatch.setenv("PDM_HOME", "mill")  # the tutorial's `export`
    assert "export PDM_HOME=mill" in read("docs/tutorial.md")

    def run(*words):
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            pdm.cli.main(words)
        printed = capsys.readouterr()
        assert not leaving.value.code, f"plantpdm {' '.join(words)}: {printed.err}"
        return printed.out

    def ids(noun, *more):
        return json.loads(run(noun, "list", "--json", *more))

    told, known, served = {}, {}, False
    for words in lines:
        if words[0] == "serve":
            served = _pages_answer(tmp_path / "mill")
            continue
        if words[0] == "alerts" and not known:
            request = ids("requests")[0]
            alert = next(found for found in ids("alerts") if found["case_id"] == request["case_id"])
            known = {"ALERT": alert["id"], "REQUEST": request["id"], "CASE": request["case_id"]}
        told[" ".join(words[:2])] = run(*(known.get(word, word) for word in words))

    assert "0 stored" in told["ingest pump"], "the file is sent a second time in step 3"
    assert "1 request handed over" in told["requests deliver"]
    assert "verdict" in told["verdict CASE"]
    assert served
    assert len(list((tmp_path / "mill" / "outgoing").glob("*.csv"))) == 1


def _pages_answer(home):
    """Start the service as the tutorial does, on a free port, and ask for a page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [sys.executable, "-c", "from pdm.cli import main; main()", "serve", "--port", str(port)]
    environment = {**os.environ, "PDM_HOME": str(home)}
    server = subprocess.Popen(program, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(120):
            try:
                return httpx.get(f"http://127.0.0.1:{port}/v1/health/live", timeout=5).status_code == 200
            except httpx.TransportError:
                assert server.poll() is None, server.stderr.read()
                time.sleep(0.25)
        return False
    finally:
        server.terminate()
        server.communicate(timeout=20)


SCRIPT_LINE = re.compile(r"python ((?:benchmarks|tests|tools)/[\w/]+\.py)([^`\n|]*)")


@pytest.mark.parametrize(
    ("page", "script", "arguments"),
    [(page, *found) for page in PAGES for found in SCRIPT_LINE.findall(page.read_text(encoding="utf-8"))],
    ids=lambda value: relative(value) if isinstance(value, Path) else None,
)
def test_every_script_that_a_page_prints_is_there_and_knows_the_options(page, script, arguments):
    source = ROOT / script

    assert source.is_file(), f"{relative(page)} prints python {script}"
    text = source.read_text(encoding="utf-8")
    assert [option for option in re.findall(r"(?<!\S)--[\w-]+", arguments) if f'"{option}"' not in text] == []
