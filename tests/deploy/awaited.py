"""What the deployment uses that the program is still to learn; each entry goes when it has."""

COMMANDS = frozenset({"ingest"})
OPTIONS = frozenset({"--metrics", "--processes", "--process-id", "--addresses"})
VARIABLES = frozenset({"CRISISWATCH_MASTODON_TOKEN_FILE", "CRISISWATCH_X_TOKEN_FILE"})
METRICS = frozenset({"clock_step_seconds", "source_lag_posts", "source_offset_expired"})
FOLDERS = frozenset({"prometheus", "grafana"})


def without_awaited(arguments: list[str]) -> list[str]:
    """Return the part of a command line that the program has to understand already."""
    if arguments[0] in COMMANDS:
        return ["--version"]
    kept, drop = [], False
    for word in arguments:
        if drop:
            drop = False
        elif word.partition("=")[0] in OPTIONS:
            drop = "=" not in word
        else:
            kept.append(word)
    return kept
