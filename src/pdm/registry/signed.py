"""What is asked of a bundle before anything in it is believed: that this plant signed it, and that every file is as it was."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pdm.errors import BundleError
from pdm.registry import manifest as documents
from pdm.registry.keys import raw
from pdm.registry.manifest import Manifest

SIGNATURE_NAME = "manifest.sig"
LARGEST = 256 * 2**20
"""More bytes than this in one file are a mistake or an attack: the largest models have a few million."""
_RESTORE = "restore the bundle from the backup, or train again"


def read_manifest(folder: Path, public_key: Ed25519PublicKey) -> Manifest:
    """What a bundle says about itself; the signature is checked, no booster is touched.

    Raises:
        BundleError: missing, unsigned, signed by another key, or unreadable.
    """
    return documents.from_json(read_signed(folder, public_key))


def read_signed(folder: Path, public_key: Ed25519PublicKey) -> bytes:
    """The bytes of the manifest, once its signature holds.

    Raises:
        BundleError: missing, unsigned or signed by another key.
    """
    document = _read(folder / documents.FILE_NAME)
    signature = _read(folder / SIGNATURE_NAME)
    try:
        public_key.verify(signature, document)
    except InvalidSignature:
        raise BundleError(
            f"{folder}: {SIGNATURE_NAME} does not fit {documents.FILE_NAME} and the plant's key {fingerprint(public_key)}",
            hint="it was changed, or another plant made it: train again, or restore it from the backup",
        ) from None
    return document


def read_files(folder: Path, manifest: Manifest) -> dict[str, str]:
    """Every listed file as text, once its hash holds; a booster without a hash or golden scores is refused as well.

    Raises:
        BundleError: which file is missing, changed or not listed.
    """
    needed = {file for entry in manifest.targets for file in entry.boosters.values()}
    if unlisted := (needed | manifest.golden.scores.keys()) ^ manifest.files.keys():
        raise BundleError(f"{folder}: {sorted(unlisted)[0]} is not fully listed in the manifest", hint="train again")
    texts = {}
    for file, digest in manifest.files.items():
        content = _read(folder / file)
        if hashlib.sha256(content).hexdigest() != digest:
            raise BundleError(f"{folder / file} was changed since it was signed", hint=_RESTORE)
        try:
            texts[file] = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BundleError(f"{folder / file} is no text: {error.reason}", hint=_RESTORE) from None
    return texts


def fingerprint(key: Ed25519PublicKey) -> str:
    """Sixteen hex digits by which people compare keys."""
    return hashlib.sha256(raw(key)).hexdigest()[:16]


def _read(path: Path) -> bytes:
    """All of a file, which must be one: a pipe would hold whoever reads it, a device or a sparse giant would fill the memory."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise BundleError(f"{path} is no regular file", hint=_RESTORE)
            if about.st_size > LARGEST:
                raise BundleError(f"{path} has {about.st_size:,} bytes: no bundle has that many", hint=_RESTORE)
            return file.read(LARGEST)
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}", hint=_RESTORE) from None
