# Plays a file of events into a topic, line by line, for ever: produce.sh BROKER TOPIC FILE
set -eu
while :; do
  while IFS= read -r line; do
    printf '%s\n' "$line"
    sleep 0.01
  done < "$3"
done | "${KAFKA_BIN:-/opt/kafka/bin}/kafka-console-producer.sh" --bootstrap-server "$1" --topic "$2" --sync
