"""Settings: layers, where each value came from, and every mistake at once with place and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import SettingsError, load

MISTAKES = sorted((Path(__file__).parent / "mistakes").glob("*.toml"))


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_each_mistake_names_its_place_and_remedy(path: Path) -> None:
    expected = path.read_text("utf-8").splitlines()[0].removeprefix("# expect: ")
    with pytest.raises(SettingsError) as raised:
        load(path, {})
    assert expected in str(raised.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "saring.toml"
    file.write_text('[kafka]\nbootstrap_servers = "x"\n[worker]\nchunk_records = 0\n[sources.a]\ntopic = "ledger x"\n')
    with pytest.raises(SettingsError) as raised:
        load(file, {"SARING_VERDICT__BASE_RATE": "7", "SARING_LOGS__LEVEL": "loud"})
    places = [mistake.place for mistake in raised.value.mistakes]
    assert len(places) == 5
    assert "SARING_VERDICT__BASE_RATE" in places


def test_no_mistake_quotes_a_secret() -> None:
    with pytest.raises(SettingsError) as raised:
        load(None, {"SARING_PRIVACY__USER_KEY": "hunter2", "SARING_KAFKA__SASL_PASSWORD": '["hunter2"]'})
    assert "hunter2" not in str(raised.value)


def test_defaults_are_valid_and_have_no_origin() -> None:
    loaded = load(None, {})
    assert loaded.settings.sources["messages"].topic == "messages"
    assert not loaded.origins


def test_environment_goes_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "saring.toml"
    file.write_text("[metrics]\nport = 1\nhost = 'h.example'\n")
    loaded = load(file, {"SARING_METRICS__PORT": "2"})
    assert (loaded.settings.metrics.port, loaded.settings.metrics.host) == (2, "h.example")
    assert loaded.origins["metrics", "port"] == "SARING_METRICS__PORT"
    assert loaded.origins["metrics", "host"] == "saring.toml"


def test_own_sources_replace_the_default_source(tmp_path: Path) -> None:
    file = tmp_path / "saring.toml"
    file.write_text("[sources.kawan]\ntopic = 'chat'\n")
    assert list(load(file, {}).settings.sources) == ["kawan"]


def test_secrets_come_from_files(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("0123456789abcdef\n")
    loaded = load(None, {"SARING_PRIVACY__USER_KEY_FILE": str(key)})
    assert loaded.settings.privacy.user_key.get_secret_value() == "0123456789abcdef"


def test_lists_and_tables_in_variables_are_json() -> None:
    loaded = load(None, {"SARING_LINKS__EXTRA_SUFFIXES": '["example"]'})
    assert loaded.settings.links.extra_suffixes == ["example"]


@pytest.mark.parametrize("name", ["SARING_CONFIG", "path"])
def test_a_file_that_is_not_there_is_a_mistake(name: str) -> None:
    path, env = (None, {name: "/nowhere/saring.toml"}) if name == "SARING_CONFIG" else (Path("/nowhere/s.toml"), {})
    with pytest.raises(SettingsError, match="cannot be read"):
        load(path, env)
