import pytest

from pdm.errors import SettingsError
from pdm.settings import load


def test_defaults_listen_on_loopback_only(tmp_path):
    settings = load(tmp_path)

    assert settings.loopback
    assert settings.home == tmp_path


def test_the_file_speaks_over_the_defaults_and_the_environment_over_the_file(tmp_path, monkeypatch):
    (tmp_path / "plantpdm.toml").write_text('plant_name = "Mill"\nport = 9000\n')
    monkeypatch.setenv("PDM_PORT", "9100")

    settings = load(tmp_path)

    assert (settings.plant_name, settings.port) == ("Mill", 9100)


def test_keywords_have_the_last_word(tmp_path, monkeypatch):
    monkeypatch.setenv("PDM_PORT", "9100")

    assert load(tmp_path, port=9200).port == 9200


@pytest.mark.parametrize("text", ['plant_nam = "Mill"\n', "threads_ = 2\n"])
def test_an_unknown_key_is_an_error_that_suggests_the_nearest_one(tmp_path, text):
    (tmp_path / "plantpdm.toml").write_text(text)

    with pytest.raises(SettingsError, match="did you mean"):
        load(tmp_path)


def test_an_unknown_environment_variable_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("PDM_PROT", "1")

    with pytest.raises(SettingsError, match="PDM_PROT"):
        load(tmp_path)


def test_a_file_that_is_no_toml_is_named(tmp_path):
    (tmp_path / "plantpdm.toml").write_text("port = = 1\n")

    with pytest.raises(SettingsError, match=r"plantpdm\.toml"):
        load(tmp_path)


def test_an_open_address_without_a_token_refuses_to_start(tmp_path):
    with pytest.raises(SettingsError, match="access_token"):
        load(tmp_path, host="0.0.0.0")  # noqa: S104  that is the point

    assert load(tmp_path, host="0.0.0.0", access_token="x" * 32).host == "0.0.0.0"  # noqa: S104


def test_production_refuses_to_start_without_a_token(tmp_path):
    with pytest.raises(SettingsError, match="production"):
        load(tmp_path, production=True)


def test_a_token_never_shows_in_the_printed_settings(tmp_path):
    assert "sesame" not in repr(load(tmp_path, access_token="sesame"))  # noqa: S106


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc"])
def test_a_zone_that_does_not_exist_is_refused(tmp_path, zone):
    with pytest.raises(SettingsError, match="time zone"):
        load(tmp_path, time_zone=zone)
