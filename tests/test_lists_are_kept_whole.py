"""What is written down from an answer is all of it; a question that is not whole yet can be named."""

import pytest

from bihuan.understand.explore import actions
from bihuan.understand.segments.models import Segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def used(cast, event_home):
    return cast


def test_a_list_that_was_cut_is_not_written_down_as_if_it_were_whole(used, monkeypatch):
    monkeypatch.setattr(actions, "MOST_LISTED", 1)
    text = "kind: segment\nsegment: 'true'\n"
    refused = (
        used.client("an")
        .post("/explore/keep/", {"text": text, "key": "all", "title": "All"})
        .content.decode()
    )
    assert "more than 10,000 would have to be written down" in refused
    assert not Segment.objects.filter(key="all").exists()


def test_a_question_without_its_measures_can_be_named(used):
    for text in ("kind: cluster", "kind: cluster\nmeasures: 5"):
        for path in ("/explore/save/", "/explore/keep/"):
            assert used.client("an").get(path, {"q": text}).status_code == 200
