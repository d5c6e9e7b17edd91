"""From the settings of sources to the specs that decoding reads."""

from __future__ import annotations

from collections.abc import Mapping

from config.settings import LinkPointer, Settings, Source
from config.settings import Mapping as MappingSettings
from stream.mapping import Fields, Only, Pointer, SourceSpec, pointer
from stream.mapping import LinkPointer as LinkAt


def sources_by_topic(settings: Settings) -> Mapping[str, SourceSpec]:
    """The configured sources by their topic."""
    return {source.topic: _spec(name, source) for name, source in settings.sources.items()}


def _spec(name: str, source: Source) -> SourceSpec:
    return SourceSpec(
        name=name,
        topic=source.topic,
        format=source.format,
        surface=source.surface,
        lang=source.lang,
        tenant=source.tenant,
        private_chat=source.private_chat,
        time_unit=source.time_unit,
        surface_map=dict(source.surface_map),
        fields=_fields(source.mapping) if source.mapping else Fields(),
    )


def _fields(mapping: MappingSettings) -> Fields:
    """What the mapping names replaces the default of that field; what it leaves out stays as in the default event."""
    given = mapping.model_dump(exclude_none=True, exclude={"links", "only"})
    named: dict[str, tuple[Pointer, ...]] = {name: _pointers(value) for name, value in given.items()}
    default = Fields()
    return Fields(
        **{name: named.get(name, getattr(default, name)) for name in _PLAIN},
        links=_links(mapping.links) if mapping.links is not None else default.links,
        only=Only(pointer(mapping.only.pointer), frozenset(mapping.only.values)) if mapping.only else None,
    )


_PLAIN = ("text", "id", "time", "user", "channel", "surface", "lang", "permalink", "tenant")


def _pointers(value: str | list[str]) -> tuple[Pointer, ...]:
    return tuple(map(pointer, [value] if isinstance(value, str) else value))


def _links(value: str | list[str | LinkPointer]) -> tuple[LinkAt, ...]:
    items = [value] if isinstance(value, str) else value
    return tuple(
        LinkAt(pointer(item)) if isinstance(item, str) else LinkAt(pointer(item.url), _label(item)) for item in items
    )


def _label(item: LinkPointer) -> Pointer | None:
    return pointer(item.label) if item.label else None
