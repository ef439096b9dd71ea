"""The shelf of bundles on this machine, and which of them is in charge. It works with every other system down.

bundles/<class>/
├── aliases.json        {"aliases": {"champion": ..., "challenger": ...}, "former": [...]}
└── <version>/          one bundle
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pdm.errors import BundleError, Conflict, NotFound
from pdm.registry.manifest import FILE_NAME as MANIFEST_NAME

Alias = Literal["champion", "challenger"]
ALIASES_NAME = "aliases.json"
_REMEMBERED = 10


@dataclass(frozen=True)
class Aliases:
    """Who is in charge of one class. former: earlier champions, the newest last; the last one is what a rollback returns to."""

    champion: str | None = None
    challenger: str | None = None
    former: tuple[str, ...] = ()


@dataclass(frozen=True)
class BundleShelf:
    """The bundles of one plant. folder: the plant's `bundles`."""

    folder: Path

    def versions(self, asset_class: str) -> list[str]:
        """The versions of a class, oldest first."""
        shelf = self.folder / asset_class
        found = [item for item in shelf.iterdir() if (item / MANIFEST_NAME).is_file()] if shelf.is_dir() else []
        whole = [item for item in found if not item.name.startswith(".")]
        return [item.name for item in sorted(whole, key=lambda item: ((item / MANIFEST_NAME).stat().st_mtime_ns, item))]

    def path(self, asset_class: str, version: str) -> Path:
        """The folder of one bundle.

        Raises:
            NotFound: it is not on the shelf.
        """
        if version not in self.versions(asset_class):
            raise NotFound(
                f"no bundle {version!r} of class {asset_class}",
                hint="on the shelf: " + (", ".join(self.versions(asset_class)) or "nothing; train a model first"),
            )
        return self.folder / asset_class / version

    def resolve(self, asset_class: str, version: str) -> str:
        """A version by its id or alias.

        Raises:
            NotFound: the alias points nowhere, or there is no such version.
        """
        if version in ("champion", "challenger"):
            pointed = getattr(self.aliases(asset_class), version)
            if pointed is None:
                raise NotFound(f"class {asset_class} has no {version}", hint="train a model first")
            version = pointed
        return self.path(asset_class, version).name

    def alias(self, asset_class: str, alias: Alias) -> str | None:
        """The version that an alias points to; None while it points nowhere."""
        aliases = self.aliases(asset_class)
        return aliases.champion if alias == "champion" else aliases.challenger

    def former(self, asset_class: str) -> tuple[str, ...]:
        """Earlier champions, the newest last."""
        return self.aliases(asset_class).former

    def aliases(self, asset_class: str) -> Aliases:
        """All aliases of a class.

        Raises:
            BundleError: the file cannot be read.
        """
        path = self.folder / asset_class / ALIASES_NAME
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            aliases = plain["aliases"]
            return Aliases(aliases.get("champion"), aliases.get("challenger"), tuple(plain["former"]))
        except FileNotFoundError:
            return Aliases()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BundleError(
                f"{path} cannot be read: {error}", hint="delete it and promote the version that should be in charge"
            ) from None

    def set_alias(self, asset_class: str, alias: Alias, version: str) -> None:
        """Point an alias at a version; a champion that steps down is remembered, and a promoted challenger is none any more.

        Raises:
            NotFound: the version is not on the shelf.
        """
        self.path(asset_class, version)
        with self._turn(asset_class):
            aliases = self.aliases(asset_class)
            if alias == "challenger":
                self.restore(asset_class, replace(aliases, challenger=version))
                return
            former = [item for item in aliases.former if item != version]
            if aliases.champion and aliases.champion != version:
                former = [item for item in former if item != aliases.champion] + [aliases.champion]
            challenger = None if aliases.challenger == version else aliases.challenger
            self.restore(asset_class, Aliases(version, challenger, tuple(former[-_REMEMBERED:])))

    def roll_back(self, asset_class: str) -> str:
        """Put the former champion in charge again; the one that leaves becomes the challenger. The version now in charge.

        Raises:
            Conflict: there is no former champion on the shelf.
        """
        on_shelf = self.versions(asset_class)
        with self._turn(asset_class):
            aliases = self.aliases(asset_class)
            last = next((version for version in reversed(aliases.former) if version in on_shelf), None)
            if last is None:
                raise Conflict(
                    f"class {asset_class} has no former champion to go back to", hint="promote another version instead"
                )
            former = tuple(version for version in aliases.former if version != last)
            self.restore(asset_class, Aliases(last, aliases.champion or aliases.challenger, former))
        return last

    def restore(self, asset_class: str, aliases: Aliases) -> None:
        """Write the aliases of a class as one atomic replacement: a reader sees the old ones or the new ones."""
        shelf = self.folder / asset_class
        plain = {
            "aliases": {"champion": aliases.champion, "challenger": aliases.challenger},
            "former": list(aliases.former),
        }
        handle, name = tempfile.mkstemp(dir=shelf, prefix=".aliases-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(plain, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            temporary.replace(shelf / ALIASES_NAME)
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def _turn(self, asset_class: str) -> Iterator[None]:
        """Wait until nobody else on this machine changes the aliases: a training that ends must not undo a promotion."""
        with (self.folder / asset_class / ".aliases.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def prune(self, asset_class: str, keep: int) -> list[str]:
        """Delete old versions but the newest `keep`, the aliases and every remembered champion; the versions deleted.

        The last good bundle therefore always stays on this machine.
        """
        aliases = self.aliases(asset_class)
        versions = self.versions(asset_class)
        held = {aliases.champion, aliases.challenger, *aliases.former, *versions[max(0, len(versions) - keep) :]}
        doomed = [version for version in versions if version not in held]
        for version in doomed:
            shutil.rmtree(self.folder / asset_class / version)
        return doomed
