"""Reading settings: defaults, then the operator's file, then the environment; every mistake at once, with its place."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.feeds import default_feeds
from config.settings import Settings

PREFIX: Final = "SARING_"
Place: TypeAlias = tuple[str, ...]
Tree: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, where it stands and how to mend it."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


class SettingsError(Exception):
    """Settings that cannot be used; holds every mistake found."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and for each value that is not a default the place it came from."""

    settings: Settings
    origins: Mapping[Place, str]


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Loaded:
    """The effective settings; raises SettingsError with every mistake. No path: `SARING_CONFIG` or ./saring.toml."""
    env = os.environ if environment is None else environment
    tree = tomllib.loads(resources.files("config").joinpath("default.toml").read_text("utf-8"))
    tree["feeds"] = default_feeds()
    origins: dict[Place, str] = {}
    mistakes: list[Mistake] = []
    file = path or (Path(env["SARING_CONFIG"]) if env.get("SARING_CONFIG") else _nearby())
    if file:
        _lay_over(tree, _read_file(file), file.name, origins)
    for name, place, value in _variables(env, mistakes):
        _set(tree, place, value)
        origins[place] = name
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        mistakes += [_mistake(detail, origins) for detail in error.errors()]
    mistakes += _used_twice(tree)
    if mistakes:
        raise SettingsError(mistakes)
    return Loaded(settings, origins)


def _used_twice(tree: Tree) -> Iterator[Mistake]:
    """Topics that stand in two places: judging our own alerts would never end, and two sources cannot be told apart."""
    sources = tree["sources"] if isinstance(tree["sources"], dict) else {}
    named = {f"sources.{name}": source.get("topic") for name, source in sources.items() if isinstance(source, dict)}
    named |= {f"topics.{name}": topic for name, topic in tree["topics"].items() if isinstance(topic, str)}
    for place, topic in named.items():
        others = [other for other, name in named.items() if name == topic and other != place]
        if others and place.startswith("sources."):
            yield Mistake(
                f"[{place}] topic", f"is used by {', '.join(others)} too: every source and topic needs its own"
            )


def _nearby() -> Path | None:
    here = Path("saring.toml")
    return here if here.is_file() else None


def _read_file(path: Path) -> Tree:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError([Mistake(str(path), f"cannot be read: {error.strerror}")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([Mistake(path.name, f"is not TOML: {error}")]) from None


def _lay_over(tree: Tree, upper: Tree, name: str, origins: dict[Place, str], at: Place = ()) -> None:
    """Tables merge; everything else replaces. The operator's sources and checks join or replace the defaults by name,
    but the default source goes as soon as one of one's own is named."""
    if at == ("sources",):
        tree.clear()
    for key, value in upper.items():
        if isinstance(value, dict) and isinstance(tree.get(key, {}), dict):
            _lay_over(tree.setdefault(key, {}), value, name, origins, (*at, key))
        else:
            tree[key] = value
        origins[(*at, key)] = name


def _variables(env: Mapping[str, str], mistakes: list[Mistake]) -> Iterator[tuple[str, Place, object]]:
    for name in sorted(env):
        if name in _WHOLE:
            yield name, (_WHOLE[name],), env[name]
        if not name.startswith(PREFIX) or "__" not in name:
            continue
        place = tuple(name[len(PREFIX) :].lower().split("__"))
        if name.endswith("_FILE") and place not in _FILES:
            try:
                yield name, (*place[:-1], place[-1].removesuffix("_file")), Path(env[name]).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                mistakes.append(Mistake(name, f"the file it names cannot be read: {error}"))
            continue
        yield name, place, _value(env[name])


_WHOLE: Final = {"SARING_CACHE_DIR": "cache_dir", "SARING_DEPLOYMENT": "deployment"}  # settings outside any section
_FILES: Final[frozenset[Place]] = frozenset({("kafka", "sasl_token_file")})  # settings that are paths themselves


def _value(text: str) -> object:
    """A variable's value: JSON for lists and tables, else the text, which validation converts."""
    if text[:1] in "[{":
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
    return text


def _set(tree: Tree, place: Place, value: object) -> None:
    for step in place[:-1]:
        inner = tree.get(step)
        tree = inner if isinstance(inner, dict) else tree.setdefault(step, {})
    tree[place[-1]] = value


def _mistake(detail: ErrorDetails, origins: Mapping[Place, str]) -> Mistake:
    place = tuple(map(str, detail["loc"]))
    origin = next((origins[place[:n]] for n in range(len(place), 0, -1) if place[:n] in origins), "default.toml")
    where = (
        origin if origin.startswith(PREFIX) else f"{origin} [{'.'.join(place[:-1])}] {place[-1]}" if place else origin
    )
    return Mistake(where, _what(detail))


def _what(detail: ErrorDetails) -> str:
    """The mistake in words that say how to mend it; never quotes a value, which may be a secret."""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return "is not a setting; `saring config schema` lists them all"
        case "literal_error":
            return f"must be {context.get('expected')}"
        case "string_pattern_mismatch":
            return f"must be {_description(detail['loc']) or 'of the form ' + str(context.get('pattern'))}"
        case "int_parsing" | "int_type" | "int_from_float":
            return "must be a whole number"
        case "float_parsing" | "float_type":
            return "must be a number"
        case "missing":
            return "is missing"
        case _:
            return detail["msg"].removeprefix("Value error, ").replace("Input should be", "must be")


def _description(place: tuple[int | str, ...]) -> str:
    """What the schema says of a field, for a message that a person can act on."""
    model: Any = Settings
    words = ""
    for step in place:
        field = model.model_fields.get(step) if hasattr(model, "model_fields") else None
        if field is not None:
            model, words = field.annotation, field.description or ""
        else:
            model = next((kind for kind in getattr(model, "__args__", ()) if hasattr(kind, "model_fields")), model)
    return words
