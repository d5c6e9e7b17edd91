"""Alert v1: ids that never change, and the published schema."""

from __future__ import annotations

import json
import math
from pathlib import Path

import jsonschema
import pytest

from agents.cli.schema import What, rendered
from stream.alert import alert_id, case_id

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT.parent / "shared" / "reference" / "alert-example.json"


@pytest.mark.parametrize("what", list(What))
def test_published_schema_is_the_one_of_the_types(what: What) -> None:
    published = (ROOT / "docs" / "schema" / f"{what.value}-v1.json").read_text("utf-8")
    assert published == rendered(what) + "\n", f"run: saring schema {what.value} > docs/schema/{what.value}-v1.json"


@pytest.mark.skipif(not EXAMPLE.is_file(), reason="the example alert is not beside this checkout")
def test_the_example_is_valid_and_its_probability_can_be_recomputed() -> None:
    example = json.loads(EXAMPLE.read_text("utf-8"))
    jsonschema.Draft202012Validator(json.loads(rendered(What.ALERT))).validate(example)
    total = example["score"]["intercept"] + sum(finding["weight"] for finding in example["findings"])
    assert math.isclose(total, example["score"]["sum"], abs_tol=1e-6)
    assert round(1 / (1 + math.exp(-total)), 2) == example["probability"]


def test_schema_refuses_a_category_outside_the_closed_set() -> None:
    schema = json.loads(rendered(What.ALERT))
    validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/Alert/properties/category", **schema})
    assert not validator.is_valid("spam")


def test_ids_are_fixed_for_ever() -> None:
    """Consumers drop repeats by these ids: a change of how they are made would double every alert on a replay."""
    case = case_id("kawan", "id:m-88213907", "touchngo-tuntut.shop.example/e/?r=01")
    assert case == "7b7cb781-bc7d-832f-809b-586a9d9e6674"
    assert alert_id(case, "flagged") == "be9d5891-2d9c-896f-993d-90c3f72f450a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "id:1", "x.example/"), ("a", "id:1", "y.example/")),
        (("a", "id:1", "x.example/"), ("a", "id:2", "x.example/")),
        (("a", "id:1", "x.example/"), ("b", "id:1", "x.example/")),
        (("ab", "c", ""), ("a", "bc", "")),
    ],
)
def test_different_cases_have_different_ids(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert case_id(*one) != case_id(*other)


def test_ids_are_version_8_uuids() -> None:
    case = case_id("a", "b", "c")
    assert case[14] == "8"
    assert case[19] in "89ab"
