"""The weights of the URL model as they ship, or as an operator trained them."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import IO

import numpy as np

from stream.packs import UrlModel


def load_model(path: Path | None = None) -> UrlModel:
    """The model in a file, by default the one that ships."""
    if path is not None:
        with path.open("rb") as file:
            return read_model(file)
    with resources.files("config").joinpath("weights/url-ngrams.npz").open("rb") as shipped:
        return read_model(shipped)


def read_model(file: IO[bytes]) -> UrlModel:
    """The model in an open file; ValueError or KeyError if it is not one. Nothing in the file can run code."""
    with np.load(file, allow_pickle=False) as arrays:
        meta = json.loads(bytes(arrays["meta"]).decode())
        tables = {name: np.append(arrays[name], np.int8(0)) for name in ("host", "path")}
    return UrlModel(host=tables["host"], path=tables["path"], **meta)


def write_model(model: UrlModel, path: Path) -> None:
    """Keep a model; the same model gives the same bytes."""
    meta = {name: getattr(model, name) for name in ("version", "host_scale", "path_scale", "bias", "slope")}
    encoded = np.frombuffer(json.dumps(meta, sort_keys=True).encode(), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, meta=encoded, host=model.host[:-1], path=model.path[:-1])
