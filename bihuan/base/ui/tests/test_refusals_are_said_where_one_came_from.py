"""What an action refuses is said at the address that the view names, for a page and for a fragment; nothing else is hidden."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from bihuan.base.access import public
from bihuan.base.ui import each, refusals_at

NO = ValidationError({"state": ["It is done.", "Nothing to take back."]})


@public
def refuses(request):
    """An action that says no."""
    with refusals_at("/there/", stay=request.GET.get("stay", "")):
        raise NO


@public
def fails(request):
    """A mistake of ours."""
    with refusals_at("/there/"):
        raise KeyError("x")


@public
def agrees(request):
    """An action that is done."""
    with refusals_at("/there/"):
        said = "fine"
    return HttpResponse(said)


urlpatterns = [path("no/", refuses), path("wrong/", fails), path("yes/", agrees)]


@pytest.fixture(autouse=True)
def addresses(settings, db):
    settings.ROOT_URLCONF = __name__


def test_a_page_goes_there_with_all_sentences():
    client = Client()
    answer = client.post("/no/")
    assert (answer.status_code, answer["location"]) == (302, "/there/")
    (told,) = answer.wsgi_request._messages._queued_messages
    assert (told.message, told.level_tag) == ("It is done. Nothing to take back.", "error")


def test_a_fragment_goes_there_or_stays_with_the_toast():
    answer = Client().post("/no/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/there/")
    stays = Client().post("/no/?stay=list-changed", headers={"HX-Request": "true"})
    events = json.loads(stays["HX-Trigger"])
    assert events["toast"]["kind"] == "error" and "It is done." in events["toast"]["text"]
    assert "list-changed" in events and "HX-Redirect" not in stays


def test_other_exceptions_go_on_and_success_is_not_touched():
    with pytest.raises(KeyError):
        Client().post("/wrong/")
    assert Client().post("/yes/").content == b"fine"


def test_each_row_is_tried_and_the_refused_are_told():
    def run(row):
        if row % 2:
            raise NO

    assert each(range(4), run) == ([0, 2], [(n, "It is done. Nothing to take back.") for n in (1, 3)])
