"""What an operator wants to see: whether it works, and what is wrong if it does not.

All responders of one store tell the same of it, so their figures are taken by `max`.
"""

from deploy.grafana.panels import (
    GOOD_UP,
    GREEN,
    NONE_IS_GOOD,
    ORANGE,
    RED,
    UP,
    YELLOW,
    Panel,
    Query,
    Row,
    stat,
)

OPERATOR = (
    Row(
        title="Is it working? Everything green: go back to sleep",
        panels=(
            stat(
                "Alerts",
                "Alerts of the monitoring that fire now; each has its page in runbooks/monitoring.",
                'count(ALERTS{alertstate="firing", alertname!="Watchdog"}) or vector(0)',
                unit="short",
                steps=NONE_IS_GOOD,
            ),
            stat(
                "Detection",
                "Whether every process of detection answers.",
                'min(up{job="detect"}) or vector(0)',
                unit="short",
                steps=GOOD_UP,
                labels=UP,
            ),
            stat(
                "Responders",
                "How many responders answer; one is enough.",
                'sum(up{job="respond"}) or vector(0)',
                unit="short",
                steps=GOOD_UP,
            ),
            stat(
                "Store",
                "Whether Redis answers both detection and responders.",
                "min(max by (job) (crisiswatch_store_up)) or vector(0)",
                unit="short",
                steps=GOOD_UP,
                labels=UP,
            ),
            stat(
                "Last canary",
                "How long ago a canary came out at the end. One is sent every minute.",
                "time() - max(crisiswatch_canary_received_timestamp_seconds > 0)",
                unit="s",
                steps=((GREEN, None), (YELLOW, 180.0), (RED, 300.0)),
                decimals=0,
            ),
            stat(
                "Event time is behind by",
                "Alarms are as late as this. A minute or two is the window's own.",
                "max(crisiswatch_watermark_delay_seconds)",
                unit="s",
                steps=((GREEN, None), (YELLOW, 180.0), (RED, 300.0)),
                decimals=0,
            ),
            stat(
                "Steps overdue",
                "Pages and decisions that are more than a minute late. Not 0: call people yourself.",
                "max(crisiswatch_overdue_steps)",
                unit="short",
                steps=NONE_IS_GOOD,
            ),
            stat(
                "Unanswered for",
                "How long the crisis that waits longest is without anybody who leads.",
                "max(crisiswatch_unacknowledged_seconds)",
                unit="s",
                steps=((GREEN, None), (ORANGE, 900.0), (RED, 2700.0)),
                decimals=0,
            ),
        ),
    ),
    Row(
        title="What is wrong?",
        panels=(
            Panel(
                title="Alerts that fire",
                words="By name and place; the page of that name in runbooks/monitoring says what to do.",
                queries=(
                    Query(
                        expr=(
                            "sum by (alertname, severity, job, instance, channel, partition, kind) "
                            '(ALERTS{alertstate="firing", alertname!="Watchdog"})'
                        ),
                        instant=True,
                    ),
                ),
                kind="table",
                width=12,
            ),
            Panel(
                title="Alerts over time",
                words="What began first is often the cause of the rest.",
                queries=(
                    Query(
                        expr=(
                            "count by (alertname) "
                            '(ALERTS{alertstate="firing", alertname!="Watchdog"})'
                        ),
                        legend="{{alertname}}",
                    ),
                ),
                width=12,
                stacked=True,
            ),
        ),
    ),
    Row(
        title="Do posts come in, and in time?",
        panels=(
            Panel(
                title="Posts",
                words="Read, and about a topic. A fall to 0 is an outage, not calm.",
                queries=(
                    Query(
                        expr="sum(rate(crisiswatch_posts_read_total[$__rate_interval]))",
                        legend="read",
                    ),
                    Query(
                        expr="sum(rate(crisiswatch_posts_matched_total[$__rate_interval]))",
                        legend="matched",
                    ),
                ),
                unit="cps",
            ),
            Panel(
                title="Live streams",
                words="Handed on by the readers of platforms; what was sent twice is handed on once.",
                queries=(
                    Query(
                        expr="sum by (stream) (rate(crisiswatch_stream_posts_total[$__rate_interval]))",
                        legend="{{stream}}",
                    ),
                    Query(
                        expr=(
                            "sum by (stream) "
                            "(rate(crisiswatch_stream_repeated_total[$__rate_interval])) > 0"
                        ),
                        legend="twice: {{stream}}",
                    ),
                ),
                unit="cps",
            ),
            Panel(
                title="Behind a platform by",
                words="Age of the newest post of a live stream. It grows while a stream is away.",
                queries=(
                    Query(
                        expr="time() - (crisiswatch_stream_newest_post_timestamp_seconds > 0)",
                        legend="{{stream}}",
                    ),
                ),
                unit="s",
            ),
            Panel(
                title="Faults of a platform",
                words="Servers that are away, connections that ended, gaps, and how long those were.",
                queries=(
                    Query(
                        expr="sum by (stream) (crisiswatch_stream_feeds_away) > 0",
                        legend="away: {{stream}}",
                    ),
                    Query(
                        expr=(
                            "sum by (stream) "
                            "(increase(crisiswatch_stream_disconnections_total[$__rate_interval]))"
                        ),
                        legend="disconnected: {{stream}}",
                    ),
                    Query(
                        expr=(
                            "sum by (stream) "
                            "(increase(crisiswatch_stream_gaps_total[$__rate_interval]))"
                        ),
                        legend="gaps: {{stream}}",
                    ),
                    Query(
                        expr=(
                            "sum by (stream) "
                            "(increase(crisiswatch_stream_lost_seconds_total[$__rate_interval]))"
                        ),
                        legend="seconds missed: {{stream}}",
                    ),
                ),
            ),
            Panel(
                title="Waiting in Kafka",
                words="Posts not read yet, by partition. Growing: more processes are needed.",
                queries=(
                    Query(
                        expr="max by (partition) (crisiswatch_source_lag_posts)",
                        legend="{{partition}}",
                    ),
                ),
            ),
            Panel(
                title="How late",
                words="Event time behind the clock, and what a canary needs for its whole way.",
                queries=(
                    Query(
                        expr="max by (instance) (crisiswatch_watermark_delay_seconds)",
                        legend="event time {{instance}}",
                    ),
                    Query(expr="max(crisiswatch_canary_seconds)", legend="canary"),
                ),
                unit="s",
                steps=((GREEN, None), (RED, 300.0)),
            ),
            Panel(
                title="Input that is no post",
                words="By reason, as a rate; each line is among the dead letters.",
                queries=(
                    Query(
                        expr=(
                            "sum by (reason) "
                            "(rate(crisiswatch_posts_rejected_total[$__rate_interval])) > 0"
                        ),
                        legend="{{reason}}",
                    ),
                ),
                unit="cps",
                stacked=True,
            ),
            Panel(
                title="Late, share of matches",
                words="Came after their window had closed. Above 1 %: raise lateness_s.",
                queries=(
                    Query(
                        expr=(
                            "sum(rate(crisiswatch_posts_late_total[$__rate_interval])) "
                            "/ (sum(rate(crisiswatch_posts_matched_total[$__rate_interval])) > 0)"
                        ),
                        legend="late",
                    ),
                ),
                unit="percentunit",
                steps=((GREEN, None), (RED, 0.01)),
            ),
            Panel(
                title="Faults of the source",
                words="Errors by kind, gaps, and offsets that had expired.",
                queries=(
                    Query(
                        expr="sum by (kind) (increase(crisiswatch_source_errors_total[$__rate_interval]))",
                        legend="{{kind}}",
                    ),
                    Query(
                        expr="sum(increase(crisiswatch_source_gaps_total[$__rate_interval]))",
                        legend="gaps",
                    ),
                    Query(
                        expr=(
                            "sum by (action) "
                            "(increase(crisiswatch_source_offset_expired_total[$__rate_interval]))"
                        ),
                        legend="expired: {{action}}",
                    ),
                ),
            ),
        ),
    ),
    Row(
        title="Is detection well?",
        panels=(
            Panel(
                title="Signals",
                words="Stored in the signal log, by what changed.",
                queries=(
                    Query(
                        expr="sum by (change) (increase(crisiswatch_signals_total[$__rate_interval]))",
                        legend="{{change}}",
                    ),
                ),
                stacked=True,
            ),
            Panel(
                title="Since the last epoch",
                words="A few seconds. Growing: nothing is saved, and timers may stand still.",
                queries=(
                    Query(
                        expr="time() - (crisiswatch_epoch_timestamp_seconds > 0)",
                        legend="{{instance}}",
                    ),
                ),
                unit="s",
                steps=((GREEN, None), (RED, 120.0)),
            ),
            Panel(
                title="Restarts, quarantine, clock",
                words="Restarts by reason, stores put aside, and by how much a clock was set.",
                queries=(
                    Query(
                        expr=(
                            "sum by (reason) "
                            "(increase(crisiswatch_cluster_restarts_total[$__rate_interval]))"
                        ),
                        legend="restart: {{reason}}",
                    ),
                    Query(
                        expr="sum(increase(crisiswatch_recovery_quarantined_total[$__rate_interval]))",
                        legend="quarantined",
                    ),
                    Query(
                        expr="max(abs(crisiswatch_clock_step_seconds))",
                        legend="clock was set by, s",
                    ),
                ),
            ),
            Panel(
                title="Processor",
                words="Cores in use by process. 1 is all that a process of detection can use.",
                queries=(
                    Query(
                        expr=(
                            'rate(process_cpu_seconds_total{job=~"detect|respond|ingest.*"}[$__rate_interval])'
                        ),
                        legend="{{job}} {{instance}}",
                    ),
                ),
                steps=((GREEN, None), (ORANGE, 1.0)),
            ),
            Panel(
                title="Memory",
                words="Of each process. It should be flat after the first hours.",
                queries=(
                    Query(
                        expr='process_resident_memory_bytes{job=~"detect|respond|ingest.*"}',
                        legend="{{job}} {{instance}}",
                    ),
                ),
                unit="bytes",
            ),
            Panel(
                title="State",
                words="What the watches remember: 40 MB is the most that restarts quickly.",
                queries=(
                    Query(
                        expr="sum by (instance) (crisiswatch_state_bytes)", legend="{{instance}}"
                    ),
                ),
                unit="bytes",
                steps=((GREEN, None), (RED, 4e7)),
            ),
        ),
    ),
    Row(
        title="Are people reached?",
        panels=(
            Panel(
                title="Pages",
                words="Attempts by outcome and channel.",
                queries=(
                    Query(
                        expr=(
                            "max by (outcome, channel) "
                            "(increase(crisiswatch_pages_total[$__rate_interval])) > 0"
                        ),
                        legend="{{outcome}} {{channel}}",
                    ),
                ),
            ),
            Panel(
                title="Waiting in the outbox",
                words="Called for and not done, and of these pages and decisions over a minute late.",
                queries=(
                    Query(expr="max(crisiswatch_outbox_waiting)", legend="waiting"),
                    Query(expr="max(crisiswatch_overdue_steps)", legend="overdue"),
                ),
            ),
            Panel(
                title="Age of the oldest",
                words="Of what waits in the outbox. Rooms and updates are tried for hours.",
                queries=(Query(expr="max(crisiswatch_outbox_age_seconds)", legend="oldest"),),
                unit="s",
                steps=((GREEN, None), (RED, 900.0)),
            ),
        ),
    ),
)
