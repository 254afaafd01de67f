"""Every route, panel, export and API operation × every role × own and foreign territory, walked from the router.

Long because one fixture makes one thing of every kind, and one walk meets them all.
"""

import json
import os
from datetime import date

import pytest
from access_matrix import (
    BODIES,
    EXPORTS,
    OPERATIONS,
    PANELS,
    PERMISSIONS,
    PUBLIC,
    ROLES,
    ROUTES,
    UPLOADS,
    WRITE_KEY,
)
from cast import NOW, SYSTEM, TODAY
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver

from bihuan.base.access import permissions
from bihuan.base.access.guard import PUBLIC as PUBLIC_VIEW
from bihuan.base.access.guard import permission_of

pytestmark = pytest.mark.django_db
OPEN, REFUSED, MISSING = "open", 403, 404
#: Who may what is decided before a database is asked: on another one, those who may everything show that all answer.
WALKERS = ("admin",) if os.environ.get("DATABASE_URL") else ROLES


def routes(resolver=None, names=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            space = pattern.namespace or getattr(pattern, "app_name", None)
            yield from routes(pattern, f"{names}{space}:" if space else names)
        else:
            yield f"{names}{pattern.name}", pattern


def operations():
    from bihuan.site.api import api

    assert get_resolver().url_patterns, "reading the addresses registers what explore adds"
    for _prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield operation.view_func.__name__, operation.methods[0], path, operation


def may(role, permission):
    return role in PERMISSIONS[permission].split()


@pytest.fixture
def staff(cast):
    """One of each role whose territory is the south: Yunshan is theirs, Songtao is not."""
    from bihuan.know.staff.actions import add_staff
    from bihuan.know.staff.models import Region

    south = Region.objects.get(code="south")
    return {
        role: add_staff(username=f"south-{role}", name=role, roles=[role], reach="region", regions=[south], by=SYSTEM,
                        at=NOW, language="en")
        for role in ROLES
    }  # fmt: skip


@pytest.fixture
def things(cast, contracts, event_home):
    """One thing of every kind in both accounts: ({kind: route arguments} inside, the same outside)."""
    from drawings import END, START, chain, drawn, user

    from bihuan.act.plan.models import PlanLine, WeekPlan
    from bihuan.act.plays.actions import add_play, open_run
    from bihuan.act.processes.actions import create_process, publish_draft
    from bihuan.act.processes.queries import forget
    from bihuan.act.reach.actions import add_channel, opt_out, save_template, send_message
    from bihuan.act.work.actions import add_step, start_process
    from bihuan.act.work.models import Deviation
    from bihuan.base.access.models import ApiToken
    from bihuan.base.jobs.models import Job
    from bihuan.base.ui.models import Export
    from bihuan.capture.sources.actions import add_source
    from bihuan.foresee.signals.actions import raise_signal
    from bihuan.know.accounts.actions import add_follow_up
    from bihuan.know.accounts.models import Membership
    from bihuan.know.chain.actions import set_chain_member
    from bihuan.know.products.actions import add_product
    from bihuan.know.staff.models import Region, Team
    from bihuan.serve.tickets.actions import open_ticket
    from bihuan.understand.experiments.actions import add_experiment
    from bihuan.understand.metrics.actions import save_alert, save_metric
    from bihuan.understand.metrics.models import MetricAlert, OwnMetric
    from bihuan.understand.segments.actions import add_segment

    product = add_product(name="Demo", by=SYSTEM, at=NOW)
    source, _key = add_source(code="web", name="Web", product=product, by=SYSTEM, at=NOW)
    experiment = add_experiment(
        key="new-form", name="x", variants=[{"name": "old", "weight": 1}, {"name": "new", "weight": 1}],
        metrics=[{"name": "m", "event": "e"}], by=SYSTEM, at=NOW,
    )  # fmt: skip
    metric = save_metric(
        metric=OwnMetric(key="doubled", title="x", definition="x", formula="events * 2"), by=SYSTEM, at=NOW
    )
    alert = save_alert(alert=MetricAlert(metric="doubled", rule="season"), by=SYSTEM, at=NOW)
    segment = add_segment(key="big", title="大客户", rule="account.size > 50", by=SYSTEM, at=NOW)
    forget()
    partners = drawn("visit", START, user("plan", role="partner"), END, chain("start", "plan", "end"))
    process = create_process(key="visit", kind="process", name="x", xml=partners, by=SYSTEM, at=NOW)
    publish_draft(process=process, by=SYSTEM, at=NOW)
    away = create_process(key="away", kind="process", name="x", xml=partners, by=SYSTEM, at=NOW)
    job = Job.objects.create(name="jobs.sweep", run_at=NOW, created_at=NOW)
    token = ApiToken.objects.create(staff=cast.root, name="x", hashed="x", hint="x", created_at=NOW)
    export = Export.objects.create(**export_fields(Export, cast.root))
    text = save_template(
        values={"name": "x", "kinds": ["call", "wecom"], "subject_zh": "x", "body_zh": "x"}, by=SYSTEM, at=NOW
    )
    play = add_play(
        key="rescue", name="x", goal={"event": "e"}, hold_out=0, by=SYSTEM, at=NOW,
        steps=[{"kind": "message", "title": "x", "text": "x", "channel": "call"}], trigger={"kind": "manual"},
    )  # fmt: skip
    calls = add_channel(kind="call", name="x", by=SYSTEM, at=NOW)
    common = {
        "": {}, "bare": {}, "asked": {"name": "page-1234"}, "none": {"pk": 987654, "version": 987654, "name": "no-such", "key": "no-such", "tile": 987654, "step": "later"}, "whole": {"pk": 987654}, "week": {"monday": "2026-11-16"},
        "whole_week": {"monday": "2026-11-16"}, "whole_week_job": {"monday": "2026-11-16", "pk": 987654}, "job": {"pk": job.pk},
        "product": {"pk": product.pk}, "experiment": {"key": experiment.key},
        "segment": {"pk": segment.pk}, "segment_key": {"key": segment.key}, "no_segment": {"key": "nobody"}, "source": {"pk": source.pk}, "staff": {"pk": cast.mei.pk},
        "process": {"pk": process.pk}, "process_version": {"pk": process.pk, "number": 1},
        "process_key": {"key": "visit", "number": 1}, "put_away": {"pk": away.pk, "key": "away"},
        "signal_kind": {"key": "no_use"}, "tier": {"tier": "S"}, "metric": {"key": metric.key}, "metric_alert": {"pk": alert.pk},
        "region": {"pk": Region.objects.get(code="north").pk}, "team": {"pk": Team.objects.get().pk},
        "play": {"key": play.key}, "message_template": {"pk": text.pk}, "kind_of_channel": {"kind": "wecom"},
        "others": {"pk": token.pk, "export": export.pk},
    }  # fmt: skip
    week = WeekPlan.objects.create(monday=date(2026, 11, 16), created_at=NOW)
    sides = []
    for account, person in ((cast.yunshan, cast.lin), (cast.songtao, cast.he)):
        member = set_chain_member(account=account, person=person, role="user", stance=1, influence=2,
                                  last_contact_on=TODAY, by=SYSTEM, at=NOW)  # fmt: skip
        contract = contracts[account.key]
        ticket = open_ticket(account=account, subject=f"工单 {account.key}", by=SYSTEM, at=NOW)
        note = add_follow_up(account=account, kind="note", text="x", by=SYSTEM, at=NOW)
        signal = raise_signal(kind="metric_alert", day=TODAY, seen={}, origin=account.key, about=account.name, account=account,
                              by=SYSTEM, at=NOW)  # fmt: skip
        plan_line = PlanLine.objects.create(
            plan=week,
            account=account,
            play_id=1,
            play_key="x",
            play_title="x",
            person=cast.mei,
            minutes=30,
            effect=0.1,
        )
        instance = start_process(process=process, account=account, by=SYSTEM, at=NOW)
        add_step(instance=instance, name="x", reason="x", role="partner", by=SYSTEM, at=NOW)
        item = instance.items.get(element="plan")
        group = add_channel(kind="wecom", name="x", token="0123456789", account=account, by=SYSTEM, at=NOW)
        message = send_message(
            key=account.key, channel=calls, template=text, account=account, person=person, by=SYSTEM, at=NOW
        )
        run = open_run(play=play, account=account, origin="x", by=SYSTEM, at=NOW)
        declined = opt_out(person=person, kind="email", how="staff", by=SYSTEM, at=NOW)
        ids = {
            "pk": account.pk,
            "account": account.pk,
            "account_id": account.pk,
            "kind": "note",
            "name": "usage",
        }
        sides.append(
            common
            | {
                "account": ids,
                "unscored": ids,
                "panel": ids,
                "person": {"pk": person.pk},
                "membership": {"pk": Membership.objects.get(person=person).pk},
                "chain": {"account": account.pk, "pk": member.pk, "step": "contacted"},
                "contract": {"pk": contract.pk},
                "bare_line": {"pk": contract.lines.first().pk},
                "line": {"pk": contract.pk, "line": contract.lines.first().pk},
                "ticket": {"pk": ticket.pk, "step": "answer"},
                "follow_up": {"pk": note.pk},
                "signal": {"pk": signal.pk},
                "message": {"pk": message.pk},
                "play_run": {"pk": run.pk},
                "play_message": {"pk": run.pk, "number": 1},
                "channel": {"pk": group.pk},
                "opted_out": {"pk": declined.pk},
                "plan_line": {"pk": plan_line.pk},
                "instance": {"pk": instance.pk},
                "item": {"pk": item.pk},
                "item_line": {"pk": item.pk, "line": 0},
                "deviation": {"pk": Deviation.objects.get(instance=instance).pk},
            }
        )
    return sides


def export_fields(model, owner):
    values = {}
    for field in model._meta.concrete_fields:
        if field.is_relation and not field.null:
            values[field.name] = owner
        elif field.get_internal_type() == "DateTimeField" and not field.null:
            values[field.name] = NOW
    return values


def client_of(member):
    client = Client(raise_request_exception=True)
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


def token_client(member):
    from bihuan.base.access.actions import create_token

    held = [permission for permission in PERMISSIONS if member.actor().may(permission)]
    _row, secret = create_token(staff=member, name="test", scopes=held, by=SYSTEM, at=NOW)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def address(name, pattern_arguments):
    from django.urls import NoReverseMatch, reverse

    for wanted in (pattern_arguments, {"pk": pattern_arguments.get("export", 0)}):
        for keys in _subsets(wanted):
            try:
                return reverse(name, kwargs={key: wanted[key] for key in keys})
            except NoReverseMatch:
                continue
    raise AssertionError(f"no address for {name} with {pattern_arguments}")


def _subsets(wanted):
    from itertools import combinations

    names = list(wanted)
    return [keys for size in range(len(names), -1, -1) for keys in combinations(names, size)]


def outcome(response, *, own):
    """Refused, missing, or open: anything else that the view itself says (a form, a redirect, 422, 410)."""
    if response.status_code in (401, 403):
        return REFUSED
    if response.status_code == 404 and own is not None:
        return MISSING
    assert response.status_code < 500, response.content[:500]
    return OPEN


def test_the_permissions_are_those_written_down():
    found = {
        name: " ".join(role for role in ROLES if role in {str(r) for r in roles})
        for name, roles in permissions().items()
    }
    assert found == {
        name: " ".join(role for role in ROLES if role in roles.split()) for name, roles in PERMISSIONS.items()
    }


def test_every_route_is_listed_with_the_permission_that_it_asks_for():
    names = {name for name, _pattern in routes()}
    api = {f"api:{name}" for name, *_rest in operations()}
    assert names == set(ROUTES) | PUBLIC | api
    for name, pattern in routes():
        if name in ROUTES:
            assert permission_of(pattern.callback) == ROUTES[name][1], name
        elif name in PUBLIC and not name.startswith("api:") and name != "set_language":
            assert permission_of(pattern.callback) == PUBLIC_VIEW, name


def test_every_operation_is_listed_with_the_permission_that_it_asks_for():
    found = {
        name: [guard.permission for guard in operation.auth_callbacks]
        for name, _m, _p, operation in operations()
    }
    assert found == {name: [permission] for name, (permission, _about) in OPERATIONS.items()}


def test_every_described_operation_is_one_of_the_router_or_takes_a_write_key():
    from bihuan.site.api import api

    described = {
        f"{method.upper()} {path}"
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }
    routed = {
        f"{method} /api/v1{path.replace('int:', '')}" for _name, method, path, _operation in operations()
    }
    assert described == routed | WRITE_KEY


@pytest.mark.parametrize("role", WALKERS)
def test_each_route_opens_to_its_roles_and_hides_what_lies_outside_the_territory(role, staff, things):
    client = client_of(staff[role])
    inside, outside = things
    for name, (method, permission, about) in ROUTES.items():
        allowed = may(role, permission)
        for own, side in ((True, inside), (False, outside)):
            response = client.generic(method, address(name, side[about]))
            allowed = allowed and not about.startswith("whole")
            wanted = OPEN if allowed else REFUSED
            if allowed and (
                about in ("none", "others") or (not own and about in territory_kinds(inside, outside))
            ):
                wanted = MISSING
            if wanted == MISSING and about == "others":
                assert response.status_code in (404, 302), (role, name, response.status_code)
                continue
            assert outcome(response, own=own) == wanted, (role, name, own, response.status_code)


def territory_kinds(inside, outside):
    return {kind for kind in inside if inside[kind] != outside[kind]}


@pytest.mark.parametrize("role", WALKERS)
def test_each_operation_opens_to_its_roles_and_hides_what_lies_outside_the_territory(role, staff, things):
    client = token_client(staff[role])
    inside, outside = things
    for name, method, path, _operation in operations():
        permission, about = OPERATIONS[name]
        for own, side in ((True, inside), (False, outside)):
            where = "/api/v1" + path.replace("int:", "")
            for key, value in side[about].items():
                where = where.replace("{" + key + "}", str(value))
            named = {
                "put_member": {"person_id": side["person"]["pk"]},
                "delegate": {"to_id": staff["admin"].pk},
            }
            body = json.dumps(BODIES.get(name, {}) | named.get(name, {}))
            if name in UPLOADS:
                response = client.post(where, {"file": SimpleUploadedFile("x.txt", b"x")})
            else:
                response = client.generic(method, where, body, content_type="application/json")
            allowed = may(role, permission) and not about.startswith("whole")
            wanted = OPEN if allowed else REFUSED
            if allowed and (
                about in ("none", "unscored", "no_segment")
                or (not own and about in territory_kinds(inside, outside))
            ):
                wanted = MISSING
            assert outcome(response, own=own) == wanted, (
                role,
                name,
                own,
                response.status_code,
                response.content,
            )


@pytest.mark.parametrize("role", WALKERS)
def test_each_panel_opens_to_its_roles_inside_the_territory_only(role, staff, cast, things):
    from bihuan.base.ui.panel import _panels

    assert {name for slot, name in _panels if slot == "account"} == set(PANELS)
    client = client_of(staff[role])
    for name, permission in PANELS.items():
        own = client.get(f"/accounts/{cast.yunshan.pk}/panels/{name}/")
        foreign = client.get(f"/accounts/{cast.songtao.pk}/panels/{name}/")
        assert own.status_code in ((200,) if may(role, permission) else (403, 404)), (role, name)
        assert foreign.status_code in ((404,) if may(role, permission) else (403, 404)), (role, name)


@pytest.mark.parametrize("role", WALKERS)
def test_each_export_opens_to_its_roles_and_holds_their_territory_only(role, staff, cast, things):
    from bihuan.base.ui.lists import _lists

    assert {name for name, page in _lists.items() if page.export} == set(EXPORTS)
    client = client_of(staff[role])
    where = {f"{page.__class__.__module__}.{page.__class__.__name__}": name for name, page in _lists.items()}
    for route, pattern in routes():
        name = where.get(f"{pattern.callback.__module__}.{getattr(pattern.callback, '__name__', '')}")
        if name not in EXPORTS:
            continue
        response = client.post(address(route, {}), {"do": "export", "format": "csv"})
        allowed = may(role, EXPORTS[name]) and may(role, ROUTES[route][1])
        assert response.status_code == (200 if allowed else 403), (role, name)
        text = response.content.decode("utf-8-sig", "replace") if allowed else ""
        assert "松涛" not in text and "songtao" not in text, (role, name)


def test_nobody_is_sent_to_sign_in_and_the_api_asks_for_a_key(cast, things):
    inside, _outside = things
    client = Client()
    for name, (method, _permission, about) in ROUTES.items():
        response = client.generic(method, address(name, inside[about]))
        assert response.status_code == 302 and response["Location"].startswith("/sign-in/"), name
    for name, method, path, _operation in operations():
        where = "/api/v1" + path.replace("int:", "").replace("{pk}", "1").replace(
            "{account_id}", "1"
        ).replace("{number}", "1").replace("{line}", "1")
        answer = client.generic(method, where, "{}", content_type="application/json")
        assert answer.status_code == 401, name
        assert answer["Content-Type"] == "application/problem+json"


def test_lists_search_and_palette_show_the_territory_only(cast, things):
    client = client_of(cast.song)
    for where in ("/", "/accounts/", "/people/", "/contracts/", "/tickets/", "/accounts/?q=松涛", "/palette/?q=松",
                  "/palette/?q=song", "/tickets/?q=songtao"):  # fmt: skip
        page = client.get(where).content.decode()
        assert "松涛软件" not in page and "何松" not in page and "工单 songtao" not in page, where
    assert "云杉仪器" in client.get("/palette/?q=云杉").content.decode()


def test_answers_to_questions_hold_the_territory_only(cast, things):
    client = token_client(cast.song)
    for question in ({"kind": "revenue"}, {"kind": "health"}, {"kind": "trend", "by": "account"}):
        answer = client.post("/api/v1/ask", json.dumps(question), content_type="application/json").json()
        assert "松涛" not in json.dumps(answer["rows"], ensure_ascii=False)
    assert client.get("/api/v1/revenue").json()["accounts"] == 1
    assert token_client(cast.mei).get("/api/v1/revenue").json()["accounts"] == 2


def test_a_view_that_does_not_say_who_may_open_it_is_refused(rf):
    from django.core.exceptions import PermissionDenied

    from bihuan.base.access.middleware import DefaultDenyMiddleware

    request = rf.get("/x")
    request.resolver_match = None
    with pytest.raises(PermissionDenied):
        DefaultDenyMiddleware(lambda r: None).process_view(request, lambda r: None, (), {})


def test_imports_need_a_territory_that_holds_every_account(cast, things):
    for where in ("/imports/", "/imports/new/"):
        assert cast.client("mei").get(where).status_code == 200
    assert token_client(cast.mei).get("/api/v1/imports").status_code == 200


def test_a_token_holds_no_more_than_its_scopes(cast, things):
    from bihuan.base.access.actions import create_token

    _row, secret = create_token(staff=cast.mei, name="x", scopes=["accounts.view"], by=SYSTEM, at=NOW)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/accounts").status_code == 200
    assert client.get("/api/v1/tickets").status_code == 403
    assert client.get("/accounts/").status_code == 302


def test_a_session_writes_through_the_api_only_with_the_csrf_token(cast, things):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.mei, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/accounts").status_code == 200
    refused = client.post("/api/v1/accounts", json.dumps({"name": "新客户"}), content_type="application/json")
    assert refused.status_code == 403
    client.get("/accounts/new/")
    token = client.cookies["csrftoken"].value
    accepted = client.post("/api/v1/accounts", json.dumps({"name": "新客户"}), content_type="application/json",
                           headers={"X-CSRFToken": token})  # fmt: skip
    assert accepted.status_code == 201
