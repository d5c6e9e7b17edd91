"""Overview: twelve questions in the order in which an operator asks them; the top row is read from three metres."""

from __future__ import annotations

from deploy.grafana.panels import Panel, bars, big, but, colours, graph, line_at, logarithmic, rows, steps

GREEN_RED = colours((None, "green"), (1, "red"))
PERCENT = {"unit": "percentunit"}

# 95 % interval by Wilson's score; with few reviews it is wide, and says so.
_N, _TRUE = "saring:reviewed:sampled7d", "saring:reviewed:sampled_true7d"
_MIDDLE = f"({_TRUE} + 1.92) / ({_N} + 3.84)"
_HALF = f"1.96 * sqrt({_TRUE} * ({_N} - {_TRUE}) / {_N} + 0.96) / ({_N} + 3.84)"


def panels() -> list[tuple[Panel, int, int]]:
    """The panels with their width (of 24) and height."""
    top = [on_fire(), behind(), expiry(), canary()]
    rest = [keeping_up(), outcomes(), speed(), alerts(), catching(), wrong(), lists(), changes()]
    return [(panel, 6, 6) for panel in top] + [(panel, 12, 9) for panel in rest]


def on_fire() -> Panel:
    """1."""
    panel = big(
        "Is anything on fire?",
        "Alerts that fire now, scan workers that answer of those seen within the hour, partitions that nobody reads, "
        "and brakes (paused feeds, checks switched off, a rollback). Red: open the alert, its runbook is linked.",
        "short",
        ('count(ALERTS{alertstate="firing", alertname!=""}) or vector(0)', "Firing"),
        ("saring:workers:up / (saring:workers:expected > 0)", "Workers"),
        ("max(saring_group_unowned_partitions)", "Unowned"),
        ("sum(saring_brakes) or vector(0)", "Brakes"),
    )
    panel.override_by_name("Firing", but(thresholds=GREEN_RED)).override_by_name("Unowned", but(thresholds=GREEN_RED))
    panel.override_by_name("Brakes", but(thresholds=colours((None, "green"), (1, "orange"))))
    workers = colours((None, "red"), (0.5, "orange"), (1, "green"))
    return panel.override_by_name("Workers", but(unit="percentunit", thresholds=workers))


def behind() -> Panel:
    """2."""
    return big(
        "How many seconds behind are we?",
        "Age of the oldest message that is not finished, in the source that is worst. The keeper measures it, so dead "
        "workers cannot hide it. Green below 5 s, red above 60 s.",
        "s",
        ("max by (group) (saring_group_lag_seconds)", "{{group}}"),
    ).thresholds(steps((None, "green"), (5, "orange"), (60, "red")))


def expiry() -> Panel:
    """3."""
    return big(
        "How long until unread messages expire?",
        "Least time until the retention of a source may delete a message that nobody has judged. Red below 6 h: add "
        "workers, or lengthen retention.ms first.",
        "s",
        ("min by (group) (saring_retention_headroom_seconds)", "{{group}}"),
    ).thresholds(steps((None, "red"), (21_600, "orange"), (86_400, "green")))


def canary() -> Panel:
    """4."""
    panel = big(
        "Did the last test message come back?",
        "A message with a test link is written to a source, and must come back as an alert. Age of the last that did, "
        "and how long it took. Off until canary.interval_seconds is set.",
        "s",
        ("time() - (saring_canary_last_success_timestamp_seconds > 0)", "Age"),
        ("saring_canary_round_trip_seconds and saring_canary_last_success_timestamp_seconds > 0", "Round trip"),
    ).no_value("off")
    panel.override_by_name("Age", but(thresholds=colours((None, "green"), (120, "orange"), (300, "red"))))
    return panel.override_by_name("Round trip", but(thresholds=colours((None, "green"), (5, "orange"), (30, "red"))))


def keeping_up() -> Panel:
    """5."""
    return graph(
        "Are we keeping up?",
        "Messages written to the sources (end offsets, from the keeper) against messages finished. Finished below "
        "arriving for long: more workers, up to the number of partitions.",
        "cps",
        ("sum(rate(saring_arrived_messages_total[$__rate_interval]))", "arriving"),
        ("sum(rate(saring_messages_total[$__rate_interval]))", "finished"),
    )


def outcomes() -> Panel:
    """6."""
    return logarithmic(
        graph(
            "Where did every message go?",
            "Every message ends in exactly one of four ways. Log scale. Dead rises: the format of a source changed; "
            "see Delivery for the reasons.",
            "cps",
            ("sum by (outcome) (rate(saring_messages_total[$__rate_interval]))", "{{outcome}}"),
        )
    )


def speed() -> Panel:
    """7."""
    buckets = "sum by (le) (rate(saring_detection_latency_seconds_bucket[$__rate_interval]))"
    panel = graph(
        "How fast is a decision published?",
        "From the record's timestamp to its acknowledged outcome, every message. Objective: 99.5 % within 5 s (line) "
        "over 30 days. On the right, how much of the permitted 0.5 % is left.",
        "s",
        (f"histogram_quantile(0.5, {buckets})", "p50"),
        (f"histogram_quantile(0.99, {buckets})", "p99"),
        ("saring:latency:budget_left30d", "budget left"),
    )
    budget = but(unit="percentunit", custom_axisPlacement="right", max=1)
    return line_at(panel, 5).override_by_name("budget left", budget)


def alerts() -> Panel:
    """8."""
    return graph(
        "How many alerts, and is that normal?",
        "New alerts per 10 minutes by tier, and what is usual: the same hour of last week. Late alerts and retractions "
        "beside them. Far above usual: brake first (saring lists rollback), think second.",
        "short",
        ('sum by (tier) (increase(saring_alerts_total{type="flagged"}[10m]))', "{{tier}}"),
        ("saring:alerts:usual10m", "usual"),
        ("sum(increase(saring_late_alert_delay_seconds_count[10m]))", "late"),
        ("sum(increase(saring_retractions_total[10m]))", "retracted"),
    )


def catching() -> Panel:
    """9."""
    pairs = "topk(12, sum by (category, brand) (increase(saring_brand_alerts_total[24h])))"
    bases = (
        "sum by (basis) (increase(saring_basis_alerts_total[24h]))"
        " / on () group_left () sum(increase(saring_basis_alerts_total[24h]))"
    )
    panel = rows(
        "What are we catching?",
        "Alerts of the last 24 h by category and imitated brand, most first; below, what they rest on: a list entry, "
        "inference, or an analyst. A brand that appears at once is a campaign: see Detection.",
        "short",
        (pairs, "alerts"),
        (bases, "share"),
    )
    return panel.override_by_name("share", but(unit="percentunit", decimals=1))


def wrong() -> Panel:
    """10."""
    panel = big(
        "Are we wrong?",
        "Share of randomly sampled alerts that analysts confirmed within 7 days, with its 95 % interval and the number "
        "of reviews; alerts called false, and alerts taken back. Only the random sample counts: complaints do not.",
        "short",
        (f"({_TRUE} / {_N}) and {_N} > 0", "Precision"),
        (f"({_MIDDLE} - {_HALF}) and {_N} > 0", "at least"),
        (f"({_MIDDLE} + {_HALF}) and {_N} > 0", "at most"),
        (_N, "reviews"),
        ('sum(increase(saring_feedback_total{verdict="false"}[7d]))', "called false"),
        ("sum(increase(saring_retractions_total[7d]))", "retracted"),
    ).no_value("no reviews")
    for name in ("Precision", "at least", "at most"):
        panel.override_by_name(name, but(unit="percentunit", decimals=1))
    return panel


def lists() -> Panel:
    """11."""
    panel = rows(
        "Are the lists alive?",
        "By feed: time since it last changed anything (the one that matters), since it was last fetched, entries in "
        "force, entries that wait for a person. Last rows: the snapshot, and how many workers judge with it.",
        "short",
        ("time() - saring_list_last_change_timestamp_seconds", "last change"),
        ("time() - saring_list_last_success_timestamp_seconds", "last success"),
        ("saring_list_entries", "entries"),
        ("saring_list_quarantined", "quarantined"),
        ('count by (snapshot) (saring_lists_snapshot_info{job="saring-worker"} == 1)', "workers"),
    )
    for name in ("last change", "last success"):
        panel.override_by_name(name, but(unit="s"))
    return panel


def changes() -> Panel:
    """12."""
    return bars(
        graph(
            "What changed?",
            "Ends of worker processes by exit code (docs/operate.md names them), versions running, the form in which "
            "workers judge, list snapshots in force, brakes. The same events are marked on all panels.",
            "short",
            ("sum by (code) (increase(saring_process_exits_total[$__rate_interval])) > 0", "exit {{code}}"),
            ("count by (version) (saring_build_info)", "version {{version}}"),
            ('count by (form) (saring_build_info{job="saring-worker"})', "workers, {{form}} form"),
            ("count(count by (snapshot) (saring_lists_snapshot_info == 1))", "snapshots in force"),
            ("sum by (control) (saring_brakes) > 0", "brake {{control}}"),
        )
    )
