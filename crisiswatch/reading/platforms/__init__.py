"""One decoder per shape in which platforms deliver posts."""
