"""Every command explains itself, and all of them behave alike."""

import typing

import pytest
import typer

from pdm.cli import work
from pdm.cli.app import app
from pdm.operations import record_verdict


def walk(command, path=()):
    for name, child in command.commands.items():
        if hasattr(child, "commands"):
            yield from walk(child, (*path, name))
        else:
            yield (*path, name), child


COMMANDS = list(walk(typer.main.get_command(app)))
NAMES = [" ".join(path) for path, _ in COMMANDS]


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=NAMES)
def test_every_command_and_option_says_what_it_is_for(path, command, plantpdm):
    assert command.help.strip().split("\n")[0].endswith((".", "?"))
    assert [parameter.name for parameter in command.params if not parameter.help] == []
    assert plantpdm(*path, "--help").code == 0


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=NAMES)
def test_every_command_answers_machines_and_takes_a_home(path, command):
    options = {option for parameter in command.params for option in parameter.opts}

    assert "--json" in options or path == ("serve",)
    assert "--home" in options or path in {("init",), ("dataset", "simulate")}


def test_words_of_a_verdict_are_those_of_the_operation():
    assert typing.get_args(work.Found) == typing.get_args(record_verdict.Found)
    assert typing.get_args(work.Action) == typing.get_args(record_verdict.Action)


def test_without_arguments_the_commands_are_listed(plantpdm):
    told = plantpdm()

    assert "plantpdm" in told.out
    assert "Start here" in told.out


def test_version_is_one_line(plantpdm):
    assert plantpdm("--version").out.strip().count(".") >= 2


@pytest.mark.parametrize(
    "wrong", [("fly",), ("ingest",), ("rollback", "pump"), ("verdict", "ca-1", "--found", "fish", "--inspected")]
)
def test_wrong_usage_is_exit_code_two_and_says_so_on_standard_error(wrong, plantpdm):
    told = plantpdm(*wrong)

    assert told.code == 2
    assert told.out == ""
    assert "Usage" in told.err
