"""What a rehearsal wants to see afterwards, from the first signal to the holding message."""

from deploy.grafana.answering import answering_times
from deploy.grafana.panels import GREEN, NONE_IS_GOOD, ORANGE, RED, Panel, Query, Row, stat

DRILL = (
    Row(
        title="When did we last rehearse? Set the time range to the drill",
        panels=(
            stat(
                "Last drill",
                "How long ago; one every quarter. No data: none was recorded with `crisiswatch audit drill`.",
                "time() - max(crisiswatch_last_drill_timestamp_seconds > 0)",
                unit="s",
                steps=((GREEN, None), (ORANGE, 7.8e6), (RED, 8.64e6)),
                width=6,
                height=5,
            ),
            stat(
                "Pages that failed",
                "Failed or in doubt within the time range.",
                'max(sum by (instance) (increase(crisiswatch_pages_total{outcome!="done"}[$__range])))',
                unit="short",
                steps=NONE_IS_GOOD,
                width=6,
                height=5,
                decimals=0,
            ),
            stat(
                "Pages that arrived",
                "Within the time range.",
                'max(sum by (instance) (increase(crisiswatch_pages_total{outcome="done"}[$__range])))',
                unit="short",
                steps=((RED, None), (GREEN, 1.0)),
                width=6,
                height=5,
                decimals=0,
            ),
            stat(
                "Steps that were late",
                "The most at any one time within the time range.",
                "max(max_over_time(crisiswatch_overdue_steps[$__range]))",
                unit="short",
                steps=NONE_IS_GOOD,
                width=6,
                height=5,
            ),
        ),
    ),
    Row(title="How quickly did we answer?", panels=answering_times(8)),
    Row(
        title="How did it go?",
        panels=(
            Panel(
                title="Signals",
                words="What detection said, by what changed: the first `opened` is when it was detected.",
                queries=(
                    Query(
                        expr="sum by (change) (increase(crisiswatch_signals_total[$__rate_interval]))",
                        legend="{{change}}",
                    ),
                ),
                width=12,
                stacked=True,
            ),
            Panel(
                title="Unanswered",
                words="Rises until somebody acknowledges: its peak is the wait.",
                queries=(
                    Query(expr="max(crisiswatch_unacknowledged_seconds)", legend="unanswered for"),
                ),
                width=12,
                unit="s",
            ),
            Panel(
                title="Pages",
                words="Attempts by outcome and channel: the escalation, step by step.",
                queries=(
                    Query(
                        expr=(
                            "max by (outcome, channel) "
                            "(increase(crisiswatch_pages_total[$__rate_interval])) > 0"
                        ),
                        legend="{{outcome}} {{channel}}",
                    ),
                ),
                width=12,
            ),
            Panel(
                title="Open incidents",
                words="By the severity in force.",
                queries=(
                    Query(
                        expr="max by (severity) (crisiswatch_incidents_open)",
                        legend="{{severity}}",
                    ),
                ),
                width=12,
                stacked=True,
            ),
        ),
    ),
)
