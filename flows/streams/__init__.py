"""Live public streams of the platforms: the only place that imports aiohttp."""
