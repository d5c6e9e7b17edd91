"""Checks of a host: pure in the host and the rules, so that a worker computes them once per host."""
