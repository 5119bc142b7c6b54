"""How quickly people were reached and the public was answered, as three numbers."""

from deploy.grafana.panels import GREEN, ORANGE, RED, Panel, Query

_SINCE_SIGNAL = "From the first fresh signal of at least medium; over the time range shown, as bucket bounds allow."


def answering_times(width: int) -> tuple[Panel, ...]:
    """Return a panel each for pages, acknowledgements and holding messages."""
    return tuple(
        Panel(
            title=title,
            words=f"{_SINCE_SIGNAL} {words}",
            queries=(
                _quantile(0.5, f"{name}_seconds", "half within"),
                _quantile(0.9, f"{name}_seconds", "nine of ten within"),
            ),
            kind="stat",
            unit="s",
            width=width,
            height=5,
            steps=steps,
        )
        for title, name, words, steps in (
            (
                "Time to page",
                "time_to_page",
                "30 seconds are promised.",
                ((GREEN, None), (RED, 30.0)),
            ),
            (
                "Time to acknowledge",
                "time_to_acknowledge",
                "5 minutes at critical, 15 at high, 30 at medium.",
                ((GREEN, None), (ORANGE, 900.0), (RED, 1800.0)),
            ),
            (
                "Time to holding message",
                "time_to_holding_message",
                "30 minutes at critical, an hour at high.",
                ((GREEN, None), (ORANGE, 1800.0), (RED, 3600.0)),
            ),
        )
    )


def _quantile(share: float, name: str, legend: str) -> Query:
    histogram = f"crisiswatch_{name}_bucket"
    expr = f"histogram_quantile({share}, max by (le) (increase({histogram}[$__range])))"
    return Query(expr=expr, legend=legend)
