"""Kafka: the only place that speaks to it; posts come in, dead letters go out."""
