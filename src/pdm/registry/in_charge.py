"""Which model answers now: the champion, or the last good one when the champion cannot be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pdm.errors import BundleError, NotFound
from pdm.registry.bundle import Bundle, load_bundle
from pdm.registry.shelf import BundleShelf


@dataclass(frozen=True)
class InCharge:
    """The bundle that answers for a class, and what was wrong with the ones before it.

    bundle: None when none of them can be trusted, or nobody was promoted yet.
    problems: a sentence for every version that was refused; empty when the champion itself answers.
    """

    bundle: Bundle | None
    problems: tuple[str, ...] = ()


def in_charge(shelf: BundleShelf, asset_class: str, public_key: Ed25519PublicKey, *, threads: int) -> InCharge:
    """The champion, else the newest former champion that passes every check: a bad model published does not stop scoring."""
    aliases = shelf.aliases(asset_class)
    problems: list[str] = []
    for version in [item for item in (aliases.champion, *reversed(aliases.former)) if item]:
        try:
            return InCharge(
                load_bundle(shelf.path(asset_class, version), public_key, threads=threads, version=version),
                tuple(problems),
            )
        except (BundleError, NotFound) as error:
            problems.append(f"bundle {version}: {error}")
    return InCharge(None, tuple(problems))
