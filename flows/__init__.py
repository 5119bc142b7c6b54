"""Detection shell: posts in, signals out, on Bytewax."""
