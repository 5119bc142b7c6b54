"""Screen: what a terminal shows. Values in, rich renderables out."""
