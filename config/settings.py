"""The settings of one deployment as a frozen value; every limit is checked here, none of it is read later."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from config.feeds import FeedSettings, ListsSettings
from stream.mapping import TimeUnit
from stream.model import Surface

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="lower-case letters, digits, - and _")]
TopicName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{1,200}$", description="a Kafka topic name")]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Count = Annotated[int, Field(gt=0)]


class Section(BaseModel):
    """A table of the settings file: unknown names are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Kafka(Section):
    """How to reach the brokers."""

    bootstrap_servers: str = Field(pattern=r"^[^:,\s]+:\d+(,[^:,\s]+:\d+)*$", description="HOST:PORT[,HOST:PORT…]")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
    ssl_cafile: str = Field(description="certificate authority, PEM")
    ssl_certfile: str = Field(description="client certificate, PEM")
    ssl_keyfile: str = Field(description="client key, PEM")
    sasl_mechanism: Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]
    sasl_username: str
    sasl_password: SecretStr
    sasl_token_file: str = Field("", description="file that holds the current OAUTHBEARER token")
    check_crcs: bool = Field(True, description="off only for the embedded broker, whose markers carry none")
    replication: int = Field(ge=0, le=7, description="of topics that setup creates; 0 = min(3, brokers)")

    @model_validator(mode="after")
    def _sasl_is_complete(self) -> Kafka:
        if self.security_protocol.startswith("SASL") and not self.sasl_mechanism:
            raise ValueError("security_protocol asks for SASL: set sasl_mechanism")
        if self.sasl_mechanism == "OAUTHBEARER" and not self.sasl_token_file:
            raise ValueError("OAUTHBEARER needs sasl_token_file")
        return self


class Topics(Section):
    """Names of our topics; the deployment's prefix is put before them."""

    alerts: TopicName
    review: TopicName
    dead: TopicName
    links: TopicName
    lists: TopicName
    chunks: TopicName
    entries: TopicName
    feedback: TopicName
    shadow: TopicName
    ledger: TopicName
    partitions: Annotated[int, Field(gt=0, le=1024)]


class LinkPointer(Section):
    """A link beside the text, with the text shown for it."""

    url: str
    label: str = ""


class Only(Section):
    """Judge only records whose value at `pointer` is listed."""

    pointer: str
    values: list[str] = Field(min_length=1)


class Mapping(Section):
    """JSON pointers into the platform's own events, by field; a list means: the first found (for text: all, joined)."""

    text: str | list[str] | None = None
    id: str | list[str] | None = None
    time: str | list[str] | None = None
    user: str | list[str] | None = None
    channel: str | list[str] | None = None
    surface: str | list[str] | None = None
    lang: str | list[str] | None = None
    permalink: str | list[str] | None = None
    tenant: str | list[str] | None = None
    links: str | list[str | LinkPointer] | None = None
    only: Only | None = None


class Source(Section):
    """A topic of message events, and how to read them."""

    topic: TopicName
    format: Literal["json", "text", "cloudevents"] = "json"
    surface: Surface = "other"
    lang: str = ""
    tenant: str = ""
    private_chat: bool = Field(False, description="judge messages of surface private_chat; off by default")
    time_unit: TimeUnit = "auto"
    surface_map: dict[str, Surface] = {}
    mapping: Mapping | None = None

    @model_validator(mode="after")
    def _text_has_no_fields(self) -> Source:
        if self.format == "text" and self.mapping:
            raise ValueError("format text has no fields: remove the mapping or set format = 'json'")
        return self


class Worker(Section):
    """How messages are fetched, judged and committed."""

    delivery: Literal["at_least_once", "exactly_once"]
    chunk_records: Annotated[int, Field(ge=1, le=5000)]
    commit_interval_seconds: Seconds
    commit_records: Count
    cpu_deadline_seconds: Seconds
    delivery_deadline_seconds: Seconds
    stuck_seconds: Seconds
    session_timeout_seconds: Annotated[float, Field(ge=6, le=300, description="brokers refuse less than 6")]
    start_limit_seconds: Seconds
    stop_limit_seconds: Seconds
    memory_limit_bytes: Annotated[int, Field(ge=0)]


class Links(Section):
    """How links are found."""

    extra_suffixes: list[Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*$")]]


class BoundsSettings(Section):
    """How much of one record is looked at."""

    value: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024, description="bytes of one record")]
    text: Annotated[int, Field(ge=256, le=1_048_576, description="code points of text")]
    links: Annotated[int, Field(ge=1, le=1000)]
    link: Annotated[int, Field(ge=128, le=65_536)]
    host: Annotated[int, Field(ge=63, le=253)]
    alerts: Annotated[int, Field(ge=1, le=50)]


class VerdictSettings(Section):
    """From evidence to tiers."""

    base_rate: Annotated[float, Field(gt=0, lt=0.5, description="share of links that are scams")]
    automatic_false_alerts_per_million: Annotated[int, Field(ge=1, le=10_000)]
    review_false_alerts_per_million: Annotated[int, Field(ge=1, le=100_000)]
    url_model_file: Annotated[str, Field(description="weights of `saring train`; empty for those that ship")]

    @model_validator(mode="after")
    def _review_is_wider(self) -> VerdictSettings:
        if self.review_false_alerts_per_million < self.automatic_false_alerts_per_million:
            raise ValueError("review_false_alerts_per_million must not be below the automatic tier's")
        return self


class Retro(Section):
    """Looking back: sightings and alerts that new and withdrawn list entries are held against."""

    alerts_days: Annotated[int, Field(ge=1, le=400, description="alerts that can be taken back")]
    summary_above: Annotated[int, Field(ge=1, description="late alerts of one entry; above it one summary")]
    hold_above: Annotated[int, Field(ge=1, description="retractions of one update; above it they wait for approval")]
    save_seconds: Seconds


class Campaigns(Section):
    """One link spreading over many users."""

    window_seconds: Annotated[int, Field(ge=60, le=86_400)]
    users: Annotated[int, Field(ge=2, le=1000, description="different users or channels")]
    known_seconds: Annotated[int, Field(ge=3600, le=604_800, description="hosts known longer raise none")]
    groups: Annotated[int, Field(ge=1000, description="hosts counted at the same time; bounds memory")]


class PrivacySettings(Section):
    """What alerts may carry of a person."""

    user_key: SecretStr = Field(description="key of the user and text hashes; without one they are null")
    user_key_name: str = Field(description="named beside each hash, so that keys can be rotated")

    @field_validator("user_key")
    @classmethod
    def _long_enough(cls, key: SecretStr) -> SecretStr:
        if 0 < len(key.get_secret_value()) < 16:
            raise ValueError("too short to keep user ids secret: use at least 16 characters")
        return key


class Metrics(Section):
    """Where Prometheus scrapes."""

    host: str
    port: Annotated[int, Field(ge=0, le=65_535, description="0 = any free port")]


class Canary(Section):
    """Test messages that the keeper sends through the whole line."""

    interval_seconds: Annotated[float, Field(ge=0, le=3600, description="0 = off; needs leave to write to a source")]


class Logs(Section):
    """One line per change of state, on standard error."""

    level: Literal["debug", "info", "warning", "error"]
    format: Literal["auto", "console", "json"]


class Settings(Section):
    """Everything that an operator can set."""

    deployment: Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]*$", description="prefix of groups and our topics")]
    cache_dir: Path | None = Field(None, description="mapped indexes; a cache that can always be rebuilt")
    kafka: Kafka
    topics: Topics
    sources: dict[Name, Source] = Field(min_length=1)
    worker: Worker
    links: Links
    bounds: BoundsSettings
    verdict: VerdictSettings
    lists: ListsSettings = ListsSettings()
    feeds: dict[Name, FeedSettings] = Field(description="lists to fetch; a name of ours changes that feed")
    checks: dict[Name, Literal["live", "shadow", "off"]]
    retro: Retro
    campaigns: Campaigns
    privacy: PrivacySettings
    metrics: Metrics
    canary: Canary
    logs: Logs
