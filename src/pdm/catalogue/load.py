"""Read the rooms: every definition checked, and every mistake told with its file and line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as a_field
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import ValidationError

from pdm.catalogue.asset_class import AssetClass
from pdm.catalogue.axis import Axis
from pdm.catalogue.model import ModelDefinition
from pdm.catalogue.package import JobPackage
from pdm.catalogue.package_schema import LibraryDocument
from pdm.catalogue.planning import Planning
from pdm.catalogue.planning_schema import PlanningDocument
from pdm.catalogue.policy import Policy
from pdm.catalogue.schema import ModelDocument
from pdm.catalogue.schema_base import Document
from pdm.catalogue.schema_features import ClassDocument
from pdm.catalogue.schema_policy import PolicyDocument
from pdm.errors import DefinitionError, InputError, NotFound
from pdm.workspace import Workspace, bundled_room

Doc = TypeVar("Doc", bound=Document)


@dataclass(frozen=True)
class Catalogue:
    """All definitions that hold for one plant."""

    classes: Mapping[str, AssetClass]
    models: Mapping[str, ModelDefinition]
    packages: Mapping[str, tuple[JobPackage, ...]] = a_field(default_factory=dict)
    planning: Planning = a_field(default_factory=Planning)

    def asset_class(self, name: str) -> AssetClass:
        """The class called `name`.

        Raises:
            NotFound: no file in `features/` defines it.
        """
        if name not in self.classes:
            raise NotFound(
                f"no asset class {name!r}", hint=f"features/ defines: {', '.join(self.classes) or 'nothing'}"
            )
        return self.classes[name]

    def model(self, name: str) -> ModelDefinition:
        """The model definition of the class called `name`.

        Raises:
            NotFound: no file in `models/` defines it.
        """
        if name not in self.models:
            raise NotFound(f"no model is defined for class {name!r}", hint=f"write models/{name}.toml")
        return self.models[name]

    def package(self, asset_class: str, failure_mode: str) -> JobPackage | None:
        """The job package of a failure mode, where the library has one."""
        found = self.packages.get(asset_class, ())
        return next((package for package in found if package.failure_mode == failure_mode), None)


def load_catalogue(workspace: Workspace) -> Catalogue:
    """The bundled definitions with the plant's own laid over them.

    Raises:
        DefinitionError: a file that is no TOML or does not fit the schema.
    """
    classes = {}
    for path in _definitions(workspace, "features"):
        asset_class = load_class(path)
        classes[asset_class.name] = asset_class
    models = {}
    for path in _definitions(workspace, "models"):
        model = load_model(path, classes)
        models[model.asset_class] = model
    planning = Planning()
    for path in _definitions(workspace, "models/site"):
        planning = load_planning(path)
    packages = {}
    for path in _definitions(workspace, "models/packages"):
        name, found = load_packages(path, models, planning.crafts)
        packages[name] = found
    return Catalogue(classes, models, packages, planning)


def load_class(path: Path) -> AssetClass:
    """One file of `features/`.

    Raises:
        DefinitionError: with file, line and what to write instead.
    """
    text, document = _parse(path, ClassDocument)
    try:
        return document.build(path)
    except (ValueError, InputError) as error:
        raise _at(path, text, error) from None


def load_model(path: Path, classes: Mapping[str, AssetClass]) -> ModelDefinition:
    """One file of `models/`, measured along the axis of its class.

    Raises:
        DefinitionError: with file, line and what to write instead.
    """
    text, document = _parse(path, ModelDocument)
    if document.asset_class not in classes:
        line = _line_of(text, ("asset_class",))
        raise DefinitionError(
            f"{path}:{line}: no asset class {document.asset_class!r}", hint=f"features/ defines: {', '.join(classes)}"
        )
    try:
        model = document.build(classes[document.asset_class], path)
        _check_signs(model, classes[document.asset_class])
        return model
    except (ValueError, InputError) as error:
        raise _at(path, text, error) from None


def load_policy(path: Path, axis: Axis, model: Path | None = None) -> Policy:
    """The `[policy]` of one file, such as a proposal; keys that it leaves out are those of the class's model file.

    Raises:
        DefinitionError: no TOML, no `[policy]`, or a key that does not fit.
    """
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    try:
        said = tomllib.loads(text).get("policy")
        if not isinstance(said, dict):
            raise DefinitionError(f"{path}:1: there is no [policy]", hint="`plantpdm policy solve` writes such a file")
        base = tomllib.loads(model.read_text(encoding="utf-8")).get("policy", {}) if model else {}
        return PolicyDocument.model_validate({**base, **said}).build(axis)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{path}:1: {error}", hint="this is not TOML yet") from None
    except ValidationError as error:
        key = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise DefinitionError(
            f"{path}: policy.{key}: {error.errors()[0]['msg']}", hint="see the README of models/"
        ) from None
    except (ValueError, InputError) as error:
        raise _at(path, text, error) from None


def _check_signs(model: ModelDefinition, asset_class: AssetClass) -> None:
    for mode in model.failure_modes:
        for channel in mode.signs:
            if channel not in asset_class.channel_names:
                raise ValueError(f"'{channel}' among the signs of {mode.name} is no channel of {asset_class.name}")


def load_packages(
    path: Path, models: Mapping[str, ModelDefinition], crafts: Collection[str]
) -> tuple[str, tuple[JobPackage, ...]]:
    """One file of `models/packages/`: the class and the job packages of its failure modes.

    A plant that describes a class anew may leave out failure modes that ship with it: their shipped packages, unchanged, are left aside.

    Raises:
        DefinitionError: with file, line and what to write instead.
    """
    text, document = _parse(path, LibraryDocument)
    if document.asset_class not in models:
        line = _line_of(text, ("asset_class",))
        raise DefinitionError(
            f"{path}:{line}: no model of class {document.asset_class!r}", hint=f"models/ defines: {', '.join(models)}"
        )
    model = models[document.asset_class]
    if _as_shipped(path, text):
        known = {mode.name for mode in model.failure_modes}
        document = document.model_copy(
            update={"package": tuple(one for one in document.package if one.failure_mode in known)}
        )
    try:
        return document.asset_class, document.build(model, crafts, path)
    except (ValueError, InputError) as error:
        raise _at(path, text, error) from None


def _as_shipped(path: Path, text: str) -> bool:
    """Whether nobody has changed a package file since it came with the library."""
    shipped = bundled_room("models") / "packages" / path.name
    return shipped.is_file() and shipped.read_text(encoding="utf-8") == text


def load_planning(path: Path) -> Planning:
    """The site's decisions about its work.

    Raises:
        DefinitionError: with file, line and what to write instead.
    """
    text, document = _parse(path, PlanningDocument)
    try:
        return document.build()
    except (ValueError, InputError) as error:
        raise _at(path, text, error) from None


def _definitions(workspace: Workspace, room: str) -> list[Path]:
    return [path for name, path in workspace.room(room).items() if name.endswith(".toml")]


def _parse(path: Path, kind: type[Doc]) -> tuple[str, Doc]:
    try:
        text = path.read_text(encoding="utf-8")
        return text, kind.model_validate(tomllib.loads(text))
    except UnicodeDecodeError as error:
        raise DefinitionError(f"{path}:1: not UTF-8 text ({error.reason})") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise DefinitionError(f"{path}:{line[1] if line else 1}: {error}", hint="this is not TOML yet") from None
    except ValidationError as error:
        raise _misfit(path, text, error, kind) from None


def _misfit(path: Path, text: str, error: ValidationError, kind: type[Document]) -> DefinitionError:
    """The first thing that does not fit; a key nobody knows comes before the one that is missing because of it."""
    problems = error.errors()
    first = next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])
    key = ".".join(str(part) for part in first["loc"])
    where = f"{path}:{_line_of(text, first['loc'])}"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(first["loc"][-1]), _known_keys(kind), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "see the README of this room"
        return DefinitionError(f"{where}: {key}: nobody knows this key", hint=hint)
    message = first["msg"].removeprefix("Value error, ")
    return DefinitionError(f"{where}: {key}: {message}", hint="see the README of this room")


def _known_keys(kind: type[Document]) -> list[str]:
    """Every key that may stand anywhere in such a file."""
    keys: list[str] = []
    for name, field in kind.model_fields.items():
        keys.append(name)
        for part in _documents(field.annotation):
            keys += _known_keys(part)
    return keys


def _documents(annotation: object) -> list[type[Document]]:
    """The parts of a file that a type is made of, however deep: `tuple[A | B, ...]` gives A and B."""
    if isinstance(annotation, type) and issubclass(annotation, Document):
        return [annotation]
    return [found for part in get_args(annotation) for found in _documents(part)]


def _at(path: Path, text: str, error: Exception) -> DefinitionError:
    """Point at the first quoted word of the message, which names what is wrong; comments do not count."""
    quoted = re.findall(r"'([^']+)'", str(error))
    lines = [line.split("#", 1)[0] for line in text.splitlines()]
    line = next((n for word in quoted for n, content in enumerate(lines, 1) if _names(content, word)), 1)
    return DefinitionError(f"{path}:{line}: {error}")


def _names(line: str, word: str) -> bool:
    """Whether a line holds the word as a whole: as a key, a table or a quoted value."""
    return re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", line) is not None


def _line_of(text: str, path: tuple[str | int, ...]) -> int:
    """The line on which a key stands: walks table headers (`[[channel]]` counted), then looks inside that table only."""
    lines = text.splitlines()
    row = 0
    for position, part in enumerate(path):
        if isinstance(part, int):
            continue
        index = path[position + 1] if position + 1 < len(path) and isinstance(path[position + 1], int) else 0
        table = re.compile(rf"\s*\[\[?(?:[\w.]+\.)?{re.escape(part)}\]\]?\s*(#.*)?$")
        headers = [n for n in range(row, len(lines)) if table.match(lines[n])]
        if headers:
            row = headers[min(int(index), len(headers) - 1)]
            continue
        key = re.compile(rf"\s*{re.escape(part)}\s*=")
        end = next((n for n in range(row + 1, len(lines)) if re.match(r"\s*\[", lines[n])), len(lines))
        row = next((n for n in range(row, end) if key.match(lines[n])), row)
        row = _element(lines, row, end, path[position + 1 : position + 2])
    return row + 1


def _element(lines: list[str], row: int, end: int, index: tuple[str | int, ...]) -> int:
    """The line of one inline table of an array that has one on each line."""
    tables = [n for n in range(row + 1, end) if re.match(r"\s*\{", lines[n])]
    wanted = index[0] if index and isinstance(index[0], int) and re.search(r"=\s*\[\s*(#.*)?$", lines[row]) else None
    return tables[wanted] if wanted is not None and wanted < len(tables) else row
