"""Checks of a link in its message: what the text says beside it, how it is written and shown."""
