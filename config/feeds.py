"""What an operator can set of lists: the keeper's limits, and each feed."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

FLOOR_SECONDS = 300  # no public feed wants to be asked more often; abuse.ch says so
OWN_FLOOR_SECONDS = 1  # files and servers of one's own network

Format = Literal[
    "plain", "hosts", "tsv", "adblock", "rpz", "csv", "json", "misp", "stix", "urlhaus", "certpl",
    "bank_negara", "securities_commission",
]  # fmt: skip


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FeedSettings(_Section):
    """One list: where it is, how to read it, how long it may stand still."""

    url: str = Field(description="https, http or file; {key} stands for the feed's key")
    format: Format = Field(default="plain", description="how the list is written")
    entries: Literal["auto", "url", "prefix", "host", "domain"] = Field(
        default="auto", description="what a line stands for"
    )
    action: Literal["block", "allow"] = "block"
    threat: Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")] = "phishing"
    licence: str = ""
    terms: str = Field(default="", description="what the publisher asks of users, and where it says so")
    interval_seconds: Annotated[float, Field(gt=0, le=2_592_000)] = 3600
    stale_after_seconds: Annotated[float, Field(gt=0, le=31_536_000)] = 604_800
    removal: Literal["delisted", "expired", "window"] = Field(
        default="delisted", description="what it means when an entry is gone; only a delisted one takes alerts back"
    )
    keep_seconds: Annotated[float, Field(gt=0, le=31_536_000)] = Field(
        default=2_592_000, description="of a window feed: how long an entry counts after it was first seen"
    )
    allow_private: bool = Field(default=False, description="may be fetched from an address of a private network")
    enabled: bool = True
    fields: dict[str, str] = Field(
        default={}, description="places in a csv or json list: column, pointer, value, listed_at …"
    )
    key: SecretStr = Field(default=SecretStr(""), description="access key; better as SARING_FEEDS__<NAME>__KEY_FILE")
    key_header: str = Field(default="", description="header that carries the key")
    checksum_url: str = Field(default="", description="where the SHA-256 of the file is published")

    @field_validator("url", "checksum_url")
    @classmethod
    def _can_be_fetched(cls, url: str) -> str:
        if url and urlsplit(url).scheme not in ("https", "http", "file"):
            raise ValueError("must begin with https://, http:// or file://")
        return url

    @model_validator(mode="after")
    def _patient(self) -> FeedSettings:
        floor = OWN_FLOOR_SECONDS if self.allow_private or self.url.startswith("file:") else FLOOR_SECONDS
        if self.interval_seconds < floor:
            raise ValueError(f"interval_seconds must be at least {floor} for a feed on the internet")
        return self

    @property
    def needs_key(self) -> bool:
        """Whether the feed cannot be fetched without the operator's key."""
        return "{key}" in self.url or bool(self.key_header)


class ListsSettings(_Section):
    """How the keeper fetches, admits and publishes."""

    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(default=120, description="for one whole download")
    maximum_bytes: Annotated[int, Field(ge=1024)] = Field(default=256 * 1024 * 1024, description="of a download")
    unpacked_bytes: Annotated[int, Field(ge=1024)] = Field(
        default=1024 * 1024 * 1024, description="of a list when unpacked"
    )
    retry_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=60, description="first pause after a failure; doubles"
    )
    shrink_limit: Annotated[float, Field(gt=0, lt=1)] = Field(default=0.5, description="a list that loses more is held")
    growth_limit: Annotated[float, Field(gt=1)] = Field(default=5.0, description="a list that grows by more is held")
    unreadable_limit: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.2, description="share of bad lines that is borne"
    )
    cut_limit: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.2, description="share of entries cut out that is borne"
    )
    sightings_share: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.001, description="of recent links, per entry"
    )
    sightings_users: Annotated[int, Field(ge=1)] = 200
    delta_share: Annotated[float, Field(gt=0, le=0.5)] = Field(
        default=0.02, description="of the base; above it a new base"
    )
    base_seconds: Annotated[float, Field(gt=0)] = Field(
        default=86_400, description="age at which the base is built anew"
    )
    settle_seconds: Annotated[float, Field(ge=0)] = Field(
        default=2.0, description="changes that come together go out together"
    )
    keep_superseded_seconds: Annotated[float, Field(ge=0)] = Field(
        default=3600, description="before chunks are deleted"
    )


def default_feeds() -> dict[str, Any]:
    """The feeds that come with the program, as tables for the settings; an operator's file goes over them."""
    text = resources.files("config").joinpath("feeds.toml").read_text(encoding="utf-8")
    feeds: dict[str, Any] = tomllib.loads(text)["feeds"]
    return feeds


def file_path(url: str) -> Path:
    """The path of a file:// address."""
    return Path(urlsplit(url).path)
