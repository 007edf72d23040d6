"""The OpenAPI document held against the service: schemathesis makes requests from it, good and bad.

Every response must have a documented status, content type and body, and none may be a 5xx; what
fits the document is taken, what does not is refused. The whole of it from outside, with the rate
limit off, is ``schemathesis run http://127.0.0.1:8000/openapi.json --max-examples 200``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import CHECKS

from askscwru.assistant import Assistant
from serving import Site, serve

REFUSALS = [400, 404, 405, 409, 413, 414, 415, 422, 431]
"""The statuses with which a request of the wrong form may be refused; never a 5xx."""


@pytest.fixture(scope="session")
def described(site: Site) -> Iterator[Any]:
    loaded = site.service.live._load
    assert isinstance(loaded, Assistant)
    quick = loaded.varied(read_depth=1, candidates=5)  # what is answered does not matter here
    refusals = {"negative_data_rejection": {"expected-statuses": REFUSALS}}
    config = schemathesis.Config.from_dict({"checks": refusals})
    with serve(quick, quick.store, quick.settings) as own:
        yield schemathesis.openapi.from_url(f"{own.url}/openapi.json", config=config)


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@hypothesis.settings(
    max_examples=6,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_every_response_is_as_documented(case: schemathesis.Case) -> None:
    assert len(CHECKS.get_all()) > 5  # those of OpenAPI are there, not only "no 5xx"
    case.call_and_validate()
