"""Promises of the source tree itself: docstrings, sizes, what is imported when, and that every example runs."""

import ast
import doctest
import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import pdm

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "flows").rglob("*.py"), *(ROOT / "serving").rglob("*.py")])
SOURCES = [path for path in SOURCES if "node_modules" not in path.parts]
MODULES = sorted(
    module.name for module in pkgutil.walk_packages(pdm.__path__, "pdm.") if "migrations" not in module.name
)

# What the applying side must do without, so that the base install can score and serve.
TRAINING_ONLY = {"sklearn", "tsfresh", "mlflow", "optuna", "prefect", "matplotlib", "statsmodels"}
APPLYING = [
    "pdm.wiring",
    "pdm.operations.score_fleet",
    "pdm.operations.replay_history",
    "pdm.operations.ingest_readings",
    "pdm.learning.apply",
    "pdm.registry.bundle",
    "pdm.scoring.assess",
    "pdm.cli.app",
]


def relative(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_every_file_says_why_it_exists_and_has_one_idea(path):
    text = path.read_text(encoding="utf-8")

    assert ast.get_docstring(ast.parse(text)), "no module docstring"
    assert text.count("\n") <= 400, "past 400 lines: what second idea moved in?"


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_every_public_function_and_class_has_a_docstring(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    protocols = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and node.name in protocols | {node.name}
        and len(ast.unparse(node).splitlines()) > 4
    ]

    assert silent == []


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_nothing_is_ever_unpickled_or_evaluated(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}

    assert not imported & {"pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}
    assert not called & {"eval", "exec"}


@pytest.mark.parametrize("name", MODULES)
def test_every_example_in_a_docstring_runs(name):
    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)

    assert results.failed == 0


@pytest.fixture(scope="module")
def loaded():
    """By module of the applying side, in one process: what had been loaded when it was there."""
    program = (
        "import importlib, json, sys\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "    print(json.dumps([name, sorted({m.split('.')[0] for m in sys.modules})]))"
    )
    told = subprocess.run([sys.executable, "-c", program, *APPLYING], check=True, capture_output=True, text=True).stdout
    return dict(json.loads(line) for line in told.splitlines())


@pytest.mark.parametrize("name", APPLYING)
def test_the_applying_side_needs_no_training_library(name, loaded):
    assert "pdm" in loaded[name]
    assert not TRAINING_ONLY & set(loaded[name])


@pytest.mark.parametrize(("program", "budget"), [("import pdm", 1.0), ("import pdm.cli.app", 1.5)])
def test_starting_up_stays_within_its_budget_of_processor_time(program, budget):
    program = f"{program}; import time; print(time.process_time())"
    spent = [
        float(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout)
        for _ in range(3)
    ]

    assert min(spent) < budget
