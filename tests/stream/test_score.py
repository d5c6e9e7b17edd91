"""The score of an address: the same beside any others, and the same as training sees its grams."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.speed_data import default_rules
from stream.canonical import canonicalizer
from stream.model import Link
from stream.score import HOST_GRAMS, PATH_GRAMS, grams, host_text, log_odds, path_text

URLS = [
    "http://a.example/",
    "http://www.pay-login.example/x/y?z=1",
    "http://kedai.example/" + "q" * 300,
    "http://" + ".".join(["a" * 60, "b" * 60, "c" * 60, "d" * 40]) + ".example/z",
    "http://mаybank.example/é",
    "http://203.0.113.9/login",
    "http://b.example/x",  # shorter than some grams
]


@pytest.fixture(scope="module")
def links() -> list[Link]:
    named = map(canonicalizer(default_rules().suffixes), URLS)
    return [link for link in named if link is not None]


def summed(texts: Sequence[bytes], sizes: Sequence[int], weights: NDArray[np.int8]) -> NDArray[np.float64]:
    rows, starts, counts = grams(texts, sizes, len(weights) - 1)
    sums = np.add.reduceat(weights[rows].astype(np.int64), starts)
    return np.asarray(sums / np.sqrt(np.maximum(counts, 1)))


def test_a_score_does_not_depend_on_the_others_of_its_chunk(links: list[Link]) -> None:
    model = default_rules().model
    assert len(links) == len(URLS)
    assert log_odds(links, model).tolist() == [log_odds([link], model)[0] for link in links]


def test_a_score_is_that_of_the_grams_as_they_are_trained(links: list[Link]) -> None:
    model = default_rules().model
    host = summed([host_text(link) for link in links], HOST_GRAMS, model.host)
    path = summed([path_text(link) for link in links], PATH_GRAMS, model.path)
    raw = model.slope * (model.bias + model.host_scale * host + model.path_scale * path)
    assert log_odds(links, model).tolist() == np.clip(np.round(raw, 1), -3.0, 5.0).tolist()
