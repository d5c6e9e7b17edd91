"""Detection: each check and each list by what it catches, what it would catch, and how often it is wrong."""

from __future__ import annotations

from deploy.grafana.panels import Panel, bars, big, but, graph, logarithmic, rows


def panels() -> list[tuple[Panel, int, int]]:
    """The panels with their width (of 24) and height."""
    halves = [checks(), shadow(), judged(), errors(), list_hits(), admissions(), campaigns(), said()]
    thirds = [late(), retracted(), looking_back()]
    return [(panel, 12, 9) for panel in halves] + [(panel, 8, 9) for panel in thirds]


def checks() -> Panel:
    """What the checks find."""
    return logarithmic(
        graph(
            "What does each check find?",
            "Findings per second by check, live and shadow. Log scale. A check that falls silent is as telling as one "
            "that floods. Brake: saring checks off NAME --for 4h.",
            "cps",
            ("sum by (check, mode) (rate(saring_findings_total[$__rate_interval]))", "{{check}} {{mode}}"),
        )
    )


def shadow() -> Panel:
    """What shadow checks would change."""
    overlap = (
        "sum by (check) (increase(saring_shadow_overlaps_total[24h]))"
        " / sum by (check) (increase(saring_shadow_alerts_total[24h]))"
    )
    panel = rows(
        "What would each shadow check add?",
        "Of the last 24 h: alerts that a check in shadow would have raised, and the share of those that live checks "
        "raised anyway. Going live pays where the first is bearable and the second is low.",
        "short",
        ("sum by (check) (increase(saring_shadow_alerts_total[24h]))", "would-be alerts"),
        (overlap, "raised anyway"),
    )
    return panel.override_by_name("raised anyway", but(unit="percentunit", decimals=1))


def judged() -> Panel:
    """Precision per check."""
    confirmed = (
        'sum by (check) (increase(saring_reviewed_total{sampled="true", verdict="true"}[30d]))'
        ' / sum by (check) (increase(saring_reviewed_total{sampled="true", verdict=~"true|false"}[30d]))'
    )
    panel = rows(
        "How often is each check right?",
        "Share of sampled alerts with that check that analysts confirmed within 30 days, and how many were reviewed. "
        "Few reviews say little: read both columns. The row all is every alert once.",
        "short",
        (confirmed, "confirmed"),
        ('sum by (check) (increase(saring_reviewed_total{sampled="true"}[30d]))', "sampled reviews"),
        ('sum by (check) (increase(saring_reviewed_total{sampled="false"}[30d]))', "other reviews"),
    )
    return panel.override_by_name("confirmed", but(unit="percentunit", decimals=1))


def errors() -> Panel:
    """Failures of checks."""
    return graph(
        "Does a check fail?",
        "Share of links on which a check raised an error; the other checks still judged them. Above 0.1 % a ticket is "
        "opened: switch the check off and report the link.",
        "percentunit",
        (
            "sum by (check) (rate(saring_check_errors_total[$__rate_interval]))"
            " / on () group_left () sum(rate(saring_links_total[$__rate_interval]))",
            "{{check}}",
        ),
    )


def list_hits() -> Panel:
    """Hits per list."""
    return graph(
        "What does each list catch?",
        "Links that an entry of the list covered, per second. One list far above its usual: a wide entry came in; "
        "look with saring lists explain, brake with saring lists pause FEED.",
        "cps",
        ("sum by (list) (rate(saring_list_hits_total[$__rate_interval]))", "{{list}}"),
    )


def admissions() -> Panel:
    """Size, age and quarantine of lists."""
    panel = rows(
        "What do the lists hold, and what was held back?",
        "Entries in force and their change within a day, entries in quarantine, age of the last change against the "
        "age at which the list counts as stale, and rounds by how they ended within an hour: a list that is refused, "
        "held or unreachable says why in saring lists status. Decide with saring lists diff and approve.",
        "short",
        ("saring_list_entries", "entries"),
        ("delta(saring_list_entries[1d])", "change in 24 h"),
        ("saring_list_quarantined", "quarantined"),
        (
            'sum without (result) (increase(saring_list_rounds_total{result=~"held|refused|unreachable|fault"}[1h]))',
            "failed in 1 h",
        ),
        ("time() - saring_list_last_change_timestamp_seconds", "last change"),
        ("saring_list_stale_after_seconds", "stale after"),
    )
    for name in ("last change", "stale after"):
        panel.override_by_name(name, but(unit="s"))
    return panel


def campaigns() -> Panel:
    """Campaign alerts and brands under attack."""
    return graph(
        "Which campaigns run?",
        "Campaign alerts by category, and alerts of the six brands imitated most, per hour. A brand that jumps is "
        "worth a call to its owner.",
        "short",
        ('sum by (category) (increase(saring_alerts_total{type="campaign"}[1h]))', "campaigns: {{category}}"),
        ("topk(6, sum by (brand) (increase(saring_brand_alerts_total[1h])))", "{{brand}}"),
        ("max(saring_campaign_groups)", "groups being counted"),
    )


def late() -> Panel:
    """Late alerts."""
    buckets = "sum by (le) (increase(saring_late_alert_delay_seconds_bucket[6h]))"
    return graph(
        "How late do lists tell us?",
        "Delay from a message to the alert raised once its link was listed, over 6 h. The look-back ends at 72 h. "
        "Long delays are what inference has to cover.",
        "s",
        (f"histogram_quantile(0.5, {buckets})", "p50"),
        (f"histogram_quantile(0.9, {buckets})", "p90"),
    )


def retracted() -> Panel:
    """Retractions."""
    return bars(
        graph(
            "What do we take back, and why?",
            "Retractions per hour by reason: no list covers it any more, or an analyst called it false; and those that "
            "wait for approval because they are many. A burst after a rollback is expected.",
            "short",
            ("sum by (reason) (increase(saring_retractions_total[1h]))", "{{reason}}"),
            ("sum(saring_retractions_held)", "held"),
        )
    )


def looking_back() -> Panel:
    """What retro holds."""
    return graph(
        "What can we still look back on?",
        "Sightings that new list entries are held against: 72 h of links without the official and popular ones. "
        "A sudden drop is a store being rebuilt; late alerts are incomplete until it is back.",
        "short",
        ("sum(saring_sightings_held)", "sightings"),
    )


def said() -> Panel:
    """Feedback."""
    return big(
        "What do analysts say?",
        "Feedback of the last 7 days by verdict. Missed scams are the only sight of what no check finds: read them.",
        "short",
        ("sum by (verdict) (increase(saring_feedback_total[7d]))", "{{verdict}}"),
    )
