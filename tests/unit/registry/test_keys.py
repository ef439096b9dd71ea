"""The plant's key is made once, kept to its owner and never mistaken for another."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from pdm.errors import BundleError, ConfigurationError
from pdm.registry.keys import PRIVATE_NAME, PUBLIC_NAME, plant_key, public_key, raw
from pdm.workspace import Workspace

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def test_the_key_is_made_on_first_use_and_stays(tmp_path):
    workspace = Workspace(tmp_path)

    first = plant_key(workspace)

    assert raw(plant_key(workspace).public_key()) == raw(first.public_key())
    assert raw(public_key(workspace)) == raw(first.public_key())
    assert sorted(path.name for path in workspace.keys.iterdir()) == [PRIVATE_NAME, PUBLIC_NAME]


@posix
def test_only_the_owner_can_read_the_key(tmp_path):
    workspace = Workspace(tmp_path)
    plant_key(workspace)

    assert (workspace.keys / PRIVATE_NAME).stat().st_mode & 0o777 == 0o600


@posix
def test_a_key_that_others_can_read_is_refused(tmp_path):
    workspace = Workspace(tmp_path)
    plant_key(workspace)
    (workspace.keys / PRIVATE_NAME).chmod(0o644)

    with pytest.raises(ConfigurationError, match="others can read"):
        plant_key(workspace)


def test_two_first_uses_at_once_agree_on_one_key(tmp_path):
    workspace = Workspace(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: raw(plant_key(workspace).public_key()), range(16)))

    assert len(set(keys)) == 1


def test_scoring_needs_only_the_public_half(tmp_path):
    workspace = Workspace(tmp_path)
    made = plant_key(workspace)
    (workspace.keys / PRIVATE_NAME).unlink()

    assert raw(public_key(workspace)) == raw(made.public_key())


def test_a_lost_public_half_comes_back_from_the_private_one(tmp_path):
    workspace = Workspace(tmp_path)
    made = plant_key(workspace)
    (workspace.keys / PUBLIC_NAME).unlink()

    assert raw(public_key(workspace)) == raw(made.public_key())
    assert (workspace.keys / PUBLIC_NAME).exists()


def test_without_any_key_the_message_says_what_to_do(tmp_path):
    with pytest.raises(BundleError, match="train a model first"):
        public_key(Workspace(tmp_path))


def test_what_is_no_ed25519_key_is_refused(tmp_path):
    workspace = Workspace(tmp_path)
    plant_key(workspace)
    (workspace.keys / PUBLIC_NAME).write_text("not a key")
    with pytest.raises(BundleError, match="holds no public key"):
        public_key(workspace)

    pem = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (workspace.keys / PRIVATE_NAME).write_bytes(pem)
    with pytest.raises(ConfigurationError, match="is not an ed25519 key"):
        plant_key(workspace)
    (workspace.keys / PRIVATE_NAME).write_bytes(b"")
    with pytest.raises(ConfigurationError, match="holds no private key"):
        plant_key(workspace)
