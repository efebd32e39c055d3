"""Change every expectation of the real book: each false claim is caught, no layout is."""

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def outcome():
    path = Path(__file__).parents[1] / "mutation.py"
    spec = importlib.util.spec_from_file_location("mutation", path)
    mutation = importlib.util.module_from_spec(spec)
    sys.modules["mutation"] = mutation  # dataclasses look there
    spec.loader.exec_module(mutation)
    return mutation.expectations()


def test_every_false_claim_is_caught(outcome):
    assert outcome.count.total() >= 500
    assert min(outcome.count.values()) >= 50  # of each kind
    assert outcome.survivors == []
    assert outcome.same < 0.02 * outcome.count.total()


def test_no_layout_is_caught(outcome):
    assert outcome.layouts >= 500
    assert outcome.false_alarms == []
