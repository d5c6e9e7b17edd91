"""Checks of a link in its message."""
