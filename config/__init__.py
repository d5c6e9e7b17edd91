"""Settings, packs and defaults: read once at start, handed on as values."""
