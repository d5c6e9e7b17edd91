"""Fetching block lists and turning them into snapshots that workers can map."""
