"""The API takes whatever its description allows, and much that it does not: it never fails, and answers as described."""

import os
import re
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from cast import NOW, SYSTEM
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bihuan.capture.ingest.api.described import TAG
from bihuan.serve.tickets.actions import open_ticket
from bihuan.site.api import api
from bihuan.understand.experiments.actions import add_experiment
from bihuan.understand.metrics.actions import save_alert
from bihuan.understand.metrics.models import MetricAlert
from bihuan.understand.segments.actions import add_segment

pytestmark = pytest.mark.django_db
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: Of each operation; CI draws the same ones each time, so that more of them would find no more.
EXAMPLES = 6 if os.environ.get("CI") else 12
#: Those of Django. The capture paths are answered beside it: bihuan/capture/ingest/tests/test_described.py sends to them.
OPERATIONS = sorted(
    (method.upper(), path)
    for path, operations in api.get_openapi_schema()["paths"].items()
    for method, operation in operations.items()
    if TAG not in operation.get("tags", [])
)


@pytest.fixture
def _one_connection():
    """Requests share the test's connection: the end of one does not close it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def described(_one_connection, cast, contracts, event_home):
    """The description as the app serves it, and a token of an administrator; something of each noun is there."""
    open_ticket(account=cast.yunshan, subject="报表为空", by=SYSTEM, at=NOW)
    add_experiment(
        key="new-form", name="新表单", variants=[{"name": "control", "weight": 1}, {"name": "new", "weight": 1}],
        metrics=[{"name": "subscribed", "event": "subscribe"}], by=SYSTEM, at=NOW,
    )  # fmt: skip
    save_alert(alert=MetricAlert(metric="events", rule="season"), by=SYSTEM, at=NOW)
    add_segment(key="big", title="大客户", rule="account.size > 50", by=SYSTEM, at=NOW)
    token = cast.rest("root").defaults["HTTP_AUTHORIZATION"]
    return _described(token), {"Authorization": token}


_read: list[Any] = []


def _described(token: str) -> Any:
    """Read once: reading a description of so many operations takes longer than asking one of them."""
    if not _read:
        address, app = "/api/v1/openapi.json", get_wsgi_application()
        _read.append(schemathesis.openapi.from_wsgi(address, app, headers={"Authorization": token}))
    return _read[0]


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda value: str(value))
def test_an_operation_never_fails_and_answers_as_described(described, method, path):
    schema, headers = described
    operation = schema[path][method]
    quick = settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip

    @quick
    @given(case=operation.as_strategy(), known=st.sampled_from([1, 2, None]))
    def fuzz(case, known):
        for name in list(case.path_parameters or {}):
            if known is not None:
                case.path_parameters[name] = known
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        assert answer.status_code not in (401, 403), "an administrator may do everything"

    fuzz()


def test_every_operation_says_what_it_needs_and_what_it_answers_to_a_wrong_request():
    document = api.get_openapi_schema()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            assert operation["summary"], place
            assert operation["description"], place
            wrong = (
                {"400", "401", "413", "503"} if TAG in operation.get("tags", []) else {"401", "403", "422"}
            )
            assert wrong <= operation["responses"].keys(), place
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                assert kind == "multipart/form-data" or "example" in content, place


def test_every_example_of_a_request_fits_its_schema():
    document = api.get_openapi_schema()
    checked = 0
    for operations in document["paths"].values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                if "example" in content:
                    schema = {**content["schema"], "components": document["components"]}
                    jsonschema_rs.validate(schema, content["example"])
                    checked += 1
    assert checked >= 10


def test_an_address_of_the_api_that_is_none_is_a_problem_too(client):
    answer = client.get("/api/v1/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["status"] == 404


def test_without_a_token_every_operation_is_a_problem_that_says_what_to_send(client, db):
    for method, path in OPERATIONS:
        where = re.sub(r"\{(pk|account_id|number|line)\}", "1", path)
        answer = client.generic(method, where)
        assert answer.status_code in (401, 403), (method, path)
        assert answer["Content-Type"] == "application/problem+json"
