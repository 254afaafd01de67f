"""The events page, through HTTP."""


def text_of(cast, name, path="/events/", **params):
    page = cast.client(name).get(path, params)
    assert page.status_code == 200
    return page.content.decode()


def test_it_shows_the_trend_and_what_comes_in(use):
    text = text_of(use, "mei")
    assert "report_opened" in text
    assert "云杉仪器" in text
    assert 'type="application/json"' in text
    assert "Today is not over yet." in text


def test_the_tail_is_a_fragment(use):
    text = text_of(use, "mei", "/events/tail/", event="signed_in")
    assert "<html" not in text
    assert "report_opened" not in text
    assert text.count("<tr>") == 3


def test_it_narrows_to_an_account_or_a_person(use):
    assert "松涛软件" not in text_of(use, "mei", "/events/tail/", account=use.yunshan.pk)
    assert "云杉仪器" not in text_of(use, "mei", "/events/tail/", person=use.he.pk)


def test_another_territorys_events_are_not_shown(use):
    text = text_of(use, "bei")
    assert "云杉仪器" not in text
    assert "松涛软件" in text
    assert "云杉仪器" not in text_of(use, "bei", account=use.yunshan.pk)


def test_without_events_it_says_how_to_get_some(cast, event_home):
    text = text_of(cast, "mei")
    assert "No events yet" in text
    assert "Nothing came in yet" in text


def test_wrong_values_are_passed_over(use):
    assert "report_opened" in text_of(use, "mei", account="x", days="5", event="none", measure="lies")


def test_a_partner_may_not(use):
    assert use.client("pan").get("/events/").status_code == 403
