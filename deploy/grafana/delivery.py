"""Delivery: whether every message is read, judged, written and committed, and by whom."""

from __future__ import annotations

from deploy.grafana.panels import Panel, bars, big, graph, line_at


def panels() -> list[tuple[Panel, int, int]]:
    """The panels with their width (of 24) and height."""
    first = [(promise(), 12, 6), (group(), 12, 6)]
    rest = [
        lag(), headroom(), workers(), partitions(), batches(), unfinished(), dead(), skipped(), cut(), exits(),
        memory(), processor(),
    ]  # fmt: skip
    return [*first, *((panel, 12, 8) for panel in rest)]


def promise() -> Panel:
    """What must be zero."""
    return big(
        "Is the promise kept?",
        "Of the last 24 h, all must be 0: offsets skipped without an outcome, messages that expired unread, records "
        "from the future; and topic settings that differ from the plan (saring setup names the commands).",
        "short",
        ("sum(increase(saring_ledger_gaps_total[24h]))", "gaps"),
        ("sum(increase(saring_messages_expired_total[24h]))", "expired"),
        ("sum(increase(saring_clock_skew_total[24h]))", "from the future"),
        ("max(saring_setup_difference)", "setup differences"),
    )


def group() -> Panel:
    """Members and ownership."""
    return big(
        "Does every role have its readers?",
        "Members of each consumer group and partitions that no member owns, as the brokers see them. More members "
        "than partitions: the surplus is on standby.",
        "short",
        ("max by (group) (saring_group_members)", "{{group}} members"),
        ("max by (group) (saring_group_unowned_partitions)", "{{group}} unowned"),
    )


def lag() -> Panel:
    """Lag in messages."""
    return graph(
        "How many messages wait?",
        "Messages between the committed offset and the end, by group and source.",
        "short",
        ("max by (group, source) (saring_group_lag_messages)", "{{group}} {{source}}"),
    )


def headroom() -> Panel:
    """Lag in seconds against retention."""
    return graph(
        "How old is the oldest of them, and when is it deleted?",
        "Age of the oldest unfinished message, and the time left until retention may delete it, by source.",
        "s",
        ("max by (group, source) (saring_group_lag_seconds)", "{{group}} {{source}} behind"),
        ("min by (group, source) (saring_retention_headroom_seconds)", "{{group}} {{source}} left"),
    )


def workers() -> Panel:
    """Throughput per process."""
    return graph(
        "How much does each worker finish?",
        "Messages finished per second by process. One far below the others: its partitions are quiet, or its host is.",
        "cps",
        ("sum by (instance, process) (rate(saring_messages_total[$__rate_interval]))", "{{instance}} {{process}}"),
    )


def partitions() -> Panel:
    """Assignment."""
    return graph(
        "Who owns how many partitions?",
        "Partitions by process; 0 is standby. Steps are rebalances: many in a row mean that members come and go.",
        "short",
        ('sum by (instance, process) (saring_assigned_partitions{job="saring-worker"})', "{{instance}} {{process}}"),
    )


def batches() -> Panel:
    """Batch time."""
    rate = "rate(saring_processing_seconds_bucket[$__rate_interval])"
    panel = graph(
        "How long does one batch take?",
        "p99 of the time spent on one batch, by stage. At 5 s (line) a worker ends itself with CPU_DEADLINE.",
        "s",
        (f"histogram_quantile(0.99, sum by (le, stage) ({rate}))", "{{stage}}"),
    )
    return line_at(panel, 5)


def unfinished() -> Panel:
    """Work in hand."""
    return graph(
        "Is a worker stuck?",
        "Age of the oldest record in a worker's hands, and 1 where a worker is paused because judging keeps failing. "
        "High while finishing nothing: stuck. High while catching up: late, not stuck.",
        "s",
        ("max by (instance, process) (saring_oldest_unfinished_seconds)", "{{instance}} {{process}}"),
        ("max by (instance, process) (saring_paused)", "paused {{instance}} {{process}}"),
    )


def dead() -> Panel:
    """Dead letters."""
    return graph(
        "Which messages cannot be read, and why?",
        "Dead letters per second by reason. Look at some with saring replay; mend the mapping, then replay.",
        "cps",
        ("sum by (reason) (rate(saring_dead_letters_total[$__rate_interval]))", "{{reason}}"),
    )


def skipped() -> Panel:
    """Skipped messages."""
    return graph(
        "Which messages are not ours to judge?",
        "Skipped per second by reason: no value, no text, private chat not enabled, not in the mapping's `only`.",
        "cps",
        ("sum by (reason) (rate(saring_skipped_total[$__rate_interval]))", "{{reason}}"),
    )


def cut() -> Panel:
    """Fields and bounds."""
    return graph(
        "What was judged only in part?",
        "Optional fields that were unusable, and size limits that cut work short, per second. A field at full rate is "
        "a mapping that does not fit; a bound that jumps may be an attack.",
        "cps",
        ("sum by (field) (rate(saring_fields_ignored_total[$__rate_interval]))", "field {{field}}"),
        ("sum by (bound) (rate(saring_bounds_hit_total[$__rate_interval]))", "bound {{bound}}"),
    )


def exits() -> Panel:
    """Process ends."""
    return bars(
        graph(
            "Why did workers end?",
            "Ends per 10 minutes by exit code: OK is planned, the others are in docs/operate.md.",
            "short",
            ("sum by (code) (increase(saring_process_exits_total[10m]))", "{{code}}"),
        )
    )


def memory() -> Panel:
    """Memory."""
    return graph(
        "Does memory grow?",
        "Resident memory by process; the mapped list index counts in each that touches it, but is there once.",
        "bytes",
        ('process_resident_memory_bytes{job=~"saring-.+"}', "{{job}} {{instance}} {{process}}"),
    )


def processor() -> Panel:
    """Processor time."""
    return graph(
        "How busy is each process?",
        "Processor seconds per second; a worker judges on one core, so 1 is full.",
        "percentunit",
        ('rate(process_cpu_seconds_total{job=~"saring-.+"}[$__rate_interval])', "{{job}} {{instance}} {{process}}"),
    )
