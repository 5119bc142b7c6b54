"""What people on call want to see: what is being said, what is open, how quickly it is answered."""

from deploy.grafana.answering import answering_times
from deploy.grafana.panels import GOOD_UP, GREEN, ORANGE, RED, YELLOW, Panel, Query, Row, stat

PR = (
    Row(
        title="Is there a crisis?",
        panels=(
            *(
                stat(
                    severity.title(),
                    f"Incidents that are open and {severity}.",
                    f'max(crisiswatch_incidents_open{{severity="{severity}"}})',
                    unit="short",
                    steps=((GREEN, None), (colour, 1.0)),
                    width=4,
                )
                for severity, colour in (
                    ("critical", RED),
                    ("high", RED),
                    ("medium", ORANGE),
                    ("low", YELLOW),
                )
            ),
            stat(
                "Unanswered for",
                "How long the incident that waits longest is without anybody who leads.",
                "max(crisiswatch_unacknowledged_seconds)",
                unit="s",
                steps=((GREEN, None), (ORANGE, 300.0), (RED, 900.0)),
                width=4,
                decimals=0,
            ),
            stat(
                "Watching",
                "Whether a crisis would be found: a canary came through within five minutes.",
                "time() - max(crisiswatch_canary_received_timestamp_seconds) < bool 300",
                unit="short",
                steps=GOOD_UP,
                labels={"0": "blind", "1": "yes"},
                width=4,
            ),
        ),
    ),
    Row(
        title="What is being said?",
        panels=(
            Panel(
                title="Posts in each bin, and as many as are usual",
                words="Dashed is what the topic's own past lets expect at this hour.",
                queries=(
                    Query(
                        expr='sum by (topic) (crisiswatch_topic_posts{topic=~"$topic"})',
                        legend="{{topic}}",
                    ),
                    Query(
                        expr='sum by (topic) (crisiswatch_topic_expected_posts{topic=~"$topic"})',
                        legend="{{topic}}, usual",
                    ),
                ),
                width=12,
                height=9,
                dashed=".*usual",
            ),
            Panel(
                title="Negative posts in each bin, and as many as are usual",
                words="A crisis shows here first: the share that is negative rises with the volume.",
                queries=(
                    Query(
                        expr='sum by (topic) (crisiswatch_topic_negatives{topic=~"$topic"})',
                        legend="{{topic}}",
                    ),
                    Query(
                        expr='sum by (topic) (crisiswatch_topic_expected_negatives{topic=~"$topic"})',
                        legend="{{topic}}, usual",
                    ),
                ),
                width=12,
                height=9,
                dashed=".*usual",
            ),
            Panel(
                title="Times the usual",
                words="Negative posts divided by what is usual. 1 is an ordinary day.",
                queries=(
                    Query(
                        expr=(
                            'sum by (topic) (crisiswatch_topic_negatives{topic=~"$topic"}) '
                            "/ clamp_min(sum by (topic) "
                            '(crisiswatch_topic_expected_negatives{topic=~"$topic"}), 1)'
                        ),
                        legend="{{topic}}",
                    ),
                ),
                width=12,
            ),
            Panel(
                title="Negative share",
                words="Of the posts in the newest bin.",
                queries=(
                    Query(
                        expr=(
                            'sum by (topic) (crisiswatch_topic_negatives{topic=~"$topic"}) '
                            '/ (sum by (topic) (crisiswatch_topic_posts{topic=~"$topic"}) > 0)'
                        ),
                        legend="{{topic}}",
                    ),
                ),
                width=12,
                unit="percentunit",
            ),
        ),
    ),
    Row(title="How quickly do we answer?", panels=answering_times(8)),
    Row(
        title="How often?",
        panels=(
            Panel(
                title="Incidents by severity reached",
                words="Over the time range; one that rose from high to critical counts in both.",
                queries=(
                    Query(
                        expr=(
                            "max by (severity) (increase(crisiswatch_incidents_total[$__range]))"
                        ),
                        legend="{{severity}}",
                        instant=True,
                    ),
                ),
                kind="stat",
                width=12,
                height=5,
                decimals=0,
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
                height=5,
                stacked=True,
            ),
        ),
    ),
)
