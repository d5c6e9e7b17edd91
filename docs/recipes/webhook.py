"""Forward alerts to a webhook: an offset is committed only after the receiver said yes to everything before it.

Usage: webhook.py BOOTSTRAP URL [TOPIC]   (ends when nothing came for ten seconds)

The receiver sees the id of the statement as Idempotency-Key: after a crash the last alert may be posted again.
"""

import asyncio
import sys

import aiohttp
from aiokafka import AIOKafkaConsumer

BACKOFF_SECONDS = (0.5, 1, 2, 5, 10, 30)


async def post(session: aiohttp.ClientSession, url: str, headers: dict[str, str], body: bytes) -> None:
    """Post until the receiver answers with success; refuse to go on after the last pause."""
    for pause in (*BACKOFF_SECONDS, None):
        try:
            async with session.post(url, data=body, headers=headers) as answer:
                if answer.status < 300:
                    return
        except aiohttp.ClientError:
            pass
        if pause is None:
            raise SystemExit(f"{url} does not take alerts; nothing was committed past the last it took")
        await asyncio.sleep(pause)


async def main(bootstrap: str, url: str, topic: str) -> None:
    """Forward until nothing comes any more."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id="webhook", auto_offset_reset="earliest",
        enable_auto_commit=False, isolation_level="read_committed",
    )  # fmt: skip
    async with consumer, aiohttp.ClientSession() as session:
        while batch := await consumer.getmany(timeout_ms=10_000, max_records=100):
            for alert in (alert for alerts in batch.values() for alert in alerts):
                named = {name: value.decode() for name, value in alert.headers}
                headers = {"Content-Type": "application/json", "Idempotency-Key": named["ce_id"]}
                await post(session, url, headers, alert.value)
            await consumer.commit()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], (sys.argv[3:] or ["alerts"])[0]))
