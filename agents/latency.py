"""A latency histogram that takes a whole chunk at once; the client library's own costs a microsecond a message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry
from prometheus_client.utils import floatToGoString


class Latencies(Collector):
    """Counts of latencies by bucket, in seconds."""

    def __init__(self, name: str, text: str, bounds: Sequence[float], registry: CollectorRegistry) -> None:
        self._name, self._text = name, text
        self._bounds = np.asarray(bounds, dtype=np.float64)
        self._counts = np.zeros(len(bounds) + 1, dtype=np.int64)
        self._sum = 0.0
        registry.register(self)

    def observe(self, seconds: npt.ArrayLike) -> None:
        """Add the latencies of one chunk."""
        values = np.asarray(seconds, dtype=np.float64)
        self._counts += np.bincount(np.searchsorted(self._bounds, values), minlength=len(self._counts))
        self._sum += float(values.sum())

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """The histogram as Prometheus reads it, cumulative."""
        edges = [*map(floatToGoString, self._bounds), "+Inf"]
        buckets = list(zip(edges, map(float, np.cumsum(self._counts)), strict=True))
        yield HistogramMetricFamily(self._name, self._text, buckets=buckets, sum_value=self._sum)
