"""Where readings, signals and dead letters go; one file per kind of sink."""
