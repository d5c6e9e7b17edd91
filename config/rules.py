"""From settings and packs to the rules that judging takes."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

import msgspec

from config.packs import load_brands, load_lures
from config.platforms import load_platforms
from config.settings import Settings
from config.sources import sources_by_topic
from config.suffixes import load_suffixes
from config.weights import load_model
from stream.bounds import Bounds
from stream.rules import Privacy, Rules, Versions
from stream.verdict import VerdictRules


def rules_from(settings: Settings) -> Rules:
    """The rules of a deployment; takes a second or so, since the packs are compiled."""
    told = settings.verdict
    model = load_model(Path(told.url_model_file) if told.url_model_file else None)
    return Rules(
        brands=load_brands(),
        lures=load_lures(),
        platforms=load_platforms(),
        suffixes=load_suffixes(settings.links.extra_suffixes, settings.cache_dir),
        model=model,
        versions=_versions(settings, model.version),
        sources=sources_by_topic(settings),
        verdict=VerdictRules(
            told.base_rate, told.automatic_false_alerts_per_million, told.review_false_alerts_per_million
        ),
        bounds=Bounds(**settings.bounds.model_dump()),
        privacy=_privacy(settings),
        modes=dict(settings.checks),
    )


def _privacy(settings: Settings) -> Privacy:
    key = settings.privacy.user_key.get_secret_value().encode()
    return Privacy(key, settings.privacy.user_key_name)


def _versions(settings: Settings, model: str) -> Versions:
    """What an alert says of us. Secrets and addresses do not go into the settings' hash: only what changes verdicts."""
    judging = settings.model_dump(include={"links", "bounds", "verdict", "checks", "sources"}, mode="json")
    return Versions(
        saring=metadata.version("saring"),
        checks=_digest({"checks": settings.checks}),
        settings=_digest(judging),
        model=model,
    )


def _digest(value: object) -> str:
    return "sha256:" + hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()[:8]
