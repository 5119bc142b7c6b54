"""Response shell: signals in, people moved."""
