"""How small sightings are: `python -m bench.sightings --stream FILE [--batch 4000] [--rate 100000]`.

Every message of a stream is judged and packed as a worker does it. Bytes are those of record values, before Kafka's own
compression, which adds little to what is packed already.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

from agents.feeds.load import open_any
from agents.kafka.spans import Kept
from config.load import load
from config.rules import rules_from
from stream.lists.memory import NO_LISTS
from stream.pipeline import scanner
from stream.sighting import unpack
from stream.sightings import packer

RECORD_BYTES: Final = 20  # what Kafka adds to a record: lengths, offset, time, key
DAY: Final = 86_400


def measure(stream: Path, batch: int, rate: int) -> dict[str, Any]:
    """Bytes a link, and of the topic a day at so many messages a second."""
    rules = rules_from(load(None, {"SARING_PRIVACY__USER_KEY": "a key of sixteen characters or more"}).settings)
    scan, pack, topic = scanner(rules, NO_LISTS), packer(rules), next(iter(rules.sources))
    messages, links, told, size, records = 0, 0, 0, 0, 0
    with open_any(stream) as lines:
        values = [line.rstrip() for line in lines]
    for first in range(0, len(values), batch):
        # As many a second as asked for: a link that comes again within the hour is only counted.
        part = [
            Kept(topic, 0, offset, 1_800_000_000_000 + offset * 1000 // rate, None, value)
            for offset, value in enumerate(values[first : first + batch], first)
        ]
        outcomes = scan(part)
        messages += len(part)
        links += sum(len(outcome.judged) for outcome in outcomes)
        for written in pack(part, outcomes, 1):
            block = unpack(written.value)
            told += len(block.rows()) if block else 0
            size += len(written.value or b"") + RECORD_BYTES
            records += 1
    return {
        "messages": messages,
        "links": links,
        "sightings": told,
        "bytes_per_sighting": round(size / told, 1),
        "bytes_per_link": round(size / links, 1),
        "bytes_per_message": round(size / messages, 2),
        "sightings_per_record": round(told / records, 1),
        f"gigabytes_a_day_at_{rate}_messages_per_second": round(size / messages * rate * DAY / 1e9),
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stream", type=Path, required=True)
    parser.add_argument("--batch", type=int, default=4_000)
    parser.add_argument("--rate", type=int, default=100_000)
    chosen = parser.parse_args()
    print(json.dumps(measure(chosen.stream, chosen.batch, chosen.rate), indent=1))


if __name__ == "__main__":
    main()
