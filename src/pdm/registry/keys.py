"""The plant's own signing key: made on first use, readable by its owner alone, never leaving the plant.

Bundles are signed with it, so that scoring loads only what this plant has trained or has let in.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pdm.errors import BundleError, ConfigurationError
from pdm.workspace import Workspace

PRIVATE_NAME = "plant.ed25519"
PUBLIC_NAME = "plant.ed25519.pub"


def plant_key(workspace: Workspace) -> Ed25519PrivateKey:
    """The key that signs this plant's bundles; the first call makes it (mode 0600) and puts its public half beside it.

    Raises:
        ConfigurationError: others than the owner may read the file, or it holds no ed25519 key.
    """
    path = workspace.keys / PRIVATE_NAME
    if not path.exists():
        _create(path)
    _refuse_open_door(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{path} holds no private key: {error}", hint="restore it from the backup") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"{path} is not an ed25519 key", hint="move it away; a new one is made on first use")
    public = workspace.keys / PUBLIC_NAME
    if not public.exists():
        _write(public, _public_pem(key.public_key()), mode=0o644)
    return key


def public_key(workspace: Workspace) -> Ed25519PublicKey:
    """The key against which bundles are checked; a scoring machine needs only this half.

    Raises:
        BundleError: there is none yet, or the file holds something else.
    """
    path = workspace.keys / PUBLIC_NAME
    if not path.exists():
        if (workspace.keys / PRIVATE_NAME).exists():
            return plant_key(workspace).public_key()
        raise BundleError(f"no public key in {path}", hint="train a model first, or copy the plant's public key there")
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except ValueError as error:
        raise BundleError(f"{path} holds no public key: {error}", hint="copy the plant's public key there") from None
    if not isinstance(key, Ed25519PublicKey):
        raise BundleError(f"{path} is not an ed25519 key", hint="copy the plant's public key there")
    return key


def raw(key: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _create(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, pem, mode=0o600)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Put a complete file in place, unless another process was first: then its file stands."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".key-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        path.hardlink_to(temporary)
    except FileExistsError:
        return
    finally:
        temporary.unlink()


def _refuse_open_door(path: Path) -> None:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigurationError(f"others can read the signing key {path}", hint=f"chmod 600 {path}")


def _public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
