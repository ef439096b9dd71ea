import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = {
    re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([\w.-]+)(?:\[[\w, -]+\])?==", LOCK, re.MULTILINE)
}


def name_of(requirement):
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def test_the_lock_pins_every_dependency_that_the_project_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]

    assert {name_of(requirement) for requirement in named} <= PINNED


def test_the_lock_names_no_host():
    assert "http" not in re.sub(r"^\S+==.*$", "", LOCK, flags=re.MULTILINE)


def test_every_package_in_the_lock_is_hashed():
    blocks = re.split(r"\n(?=\S)", LOCK.strip())

    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
