"""Where people talk, on a terminal: for whoever has no Slack, or wants none."""
