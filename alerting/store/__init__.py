"""The store that all responders share, in Redis: our own server or one that we start."""
