"""Slack: what is shown there, sent there and pressed there. Nothing else imports its client."""
