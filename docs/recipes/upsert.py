"""Keep the state of every case in a table: equal ids are dropped, the last record of a case wins.

Usage: upsert.py BOOTSTRAP DATABASE [TOPIC]   (ends when it has read everything that is there)
"""

import json
import sqlite3
import sys

from confluent_kafka import Consumer, KafkaError

bootstrap, database, topic = sys.argv[1], sys.argv[2], (sys.argv[3:] or ["alerts"])[0]
table = sqlite3.connect(database)
table.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY)")
table.execute("CREATE TABLE IF NOT EXISTS cases (case_id TEXT PRIMARY KEY, type TEXT, link TEXT, why TEXT)")
consumer = Consumer({
    "bootstrap.servers": bootstrap, "group.id": "upsert", "auto.offset.reset": "earliest",
    "enable.auto.commit": False, "isolation.level": "read_committed", "enable.partition.eof": True,
})  # fmt: skip
consumer.subscribe([topic])
partitions, ended = len(consumer.list_topics(topic, timeout=10).topics[topic].partitions), set()
while len(ended) < partitions:
    message = consumer.poll(10)
    if message is None or message.error():
        ended.add(message.partition() if message and message.error().code() == KafkaError._PARTITION_EOF else None)
        continue
    alert = json.loads(message.value())
    with table:  # both rows or neither: a crash between them cannot tear a case
        if table.execute("INSERT OR IGNORE INTO seen VALUES (?)", [alert["id"]]).rowcount:
            row = [alert["case_id"], alert["type"], alert["link"]["defanged"], alert["explanation"]]
            table.execute("INSERT OR REPLACE INTO cases VALUES (?, ?, ?, ?)", row)
    consumer.commit(message, asynchronous=False)
consumer.close()
