"""The most memory that a process has had, for benchmarks that start others and ask each at its end."""

from __future__ import annotations

from pathlib import Path


def peak_megabytes() -> int:
    """Megabytes at most since this program began; what `getrusage` tells starts from the parent's size."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1000  # kilobytes
    return 0
