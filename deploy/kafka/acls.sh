#!/bin/sh
# The rights of each role, as kafka-acls.sh commands: print them, or run them.
#   deploy/kafka/acls.sh                                    prints
#   deploy/kafka/acls.sh --bootstrap-server HOST:PORT ...   runs kafka-acls.sh with these options
# Set the names to yours. With a `deployment` in saring.toml, PREFIX is "NAME." (groups and our own topics carry it).
set -eu
PREFIX="${PREFIX:-}"
SOURCES="${SOURCES:-messages}"        # the platform's topics, separated by blanks
ACLS="${KAFKA_BIN:-}${KAFKA_BIN:+/}kafka-acls.sh"

OUT="alerts alerts.review messages.dead saring.links saring.shadow saring.ledger"
LISTS="saring.lists saring.lists.chunks saring.entries"

allow() { # principal, then kafka-acls options
  principal="$1"; shift
  if [ -n "$OPTIONS" ]; then "$ACLS" $OPTIONS --add --allow-principal "User:$principal" "$@"
  else echo "$ACLS --add --allow-principal User:$principal $*"; fi
}
reads()  { who="$1"; shift; for topic; do allow "$who" --operation Read --operation Describe --operation DescribeConfigs --topic "$topic"; done; }
writes() { who="$1"; shift; for topic; do allow "$who" --operation Write --operation Describe --operation DescribeConfigs --topic "$topic"; done; }
ours()   { for topic in $1; do printf '%s%s ' "$PREFIX" "$topic"; done; }
group()  { allow "$1" --operation Read --operation Describe --group "$PREFIX$2"; }
OPTIONS="$*"

# setup: makes topics and commits first offsets. A person's or a job's, not a service's.
allow saring-setup --operation Create --operation Describe --operation DescribeConfigs --cluster
allow saring-setup --operation Create --operation Describe --operation DescribeConfigs --operation Read --topic '*'
allow saring-setup --operation Read --operation Describe --group "${PREFIX}saring." --resource-pattern-type prefixed

# scan: reads sources and lists, writes everything a judged message leaves.
reads  saring-scan $SOURCES
reads  saring-scan $(ours "$LISTS")
writes saring-scan $(ours "$OUT")
group  saring-scan saring.scan
# Only for delivery = "exactly_once": one transactional id a partition, named after the group.
allow  saring-scan --operation Write --operation Describe --transactional-id "${PREFIX}saring.scan" --resource-pattern-type prefixed
allow  saring-scan --operation IdempotentWrite --operation Describe --operation DescribeConfigs --cluster

# keeper: writes lists, tries new entries on what was seen, measures every group: also the age of the oldest unread
# record of each topic that a role reads.
reads  saring-keeper $(ours "$LISTS saring.links alerts alerts.review")
writes saring-keeper $(ours "$LISTS")
reads  saring-keeper $SOURCES
allow  saring-keeper --operation Read --operation Describe --group "${PREFIX}saring." --resource-pattern-type prefixed
allow  saring-keeper --operation Write --operation Describe --transactional-id "${PREFIX}saring." --resource-pattern-type prefixed
allow  saring-keeper --operation IdempotentWrite --operation Describe --cluster
# Only for the canary (canary.interval_seconds > 0):
writes saring-keeper $SOURCES

# retro: looks back over the sightings when lists change, writes late alerts and retractions.
reads  saring-retro $(ours "saring.links alerts alerts.review saring.feedback $LISTS")
writes saring-retro $(ours "alerts alerts.review saring.entries")
group  saring-retro saring.retro
allow  saring-retro --operation Write --operation Describe --transactional-id "${PREFIX}saring.retro" --resource-pattern-type prefixed
allow  saring-retro --operation IdempotentWrite --operation Describe --operation DescribeConfigs --cluster

# campaigns: groups of like sightings; at a start also what it told before, so as not to tell it twice.
reads  saring-campaigns $(ours "saring.links alerts alerts.review $LISTS")
writes saring-campaigns $(ours "alerts alerts.review")
group  saring-campaigns saring.campaigns
allow  saring-campaigns --operation IdempotentWrite --operation Describe --operation DescribeConfigs --cluster

# operators (saring replay, ledger verify, erase): read what was, write to a topic of their own.
reads  saring-operator $SOURCES
reads  saring-operator $(ours "messages.dead saring.ledger alerts alerts.review saring.shadow $LISTS")
writes saring-operator $(ours "alerts.replay")
group  saring-operator saring.scan

# analysts (saring alerts, feedback, lists …): read alerts, give feedback and orders.
reads  saring-analyst $(ours "alerts alerts.review saring.lists saring.entries saring.feedback saring.links")
writes saring-analyst $(ours "saring.feedback saring.entries")
