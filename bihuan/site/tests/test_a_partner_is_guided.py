"""Who may not see health and revenue finds on the workbench what they can do, and why it is empty when it is."""

from bihuan.know.accounts.models import AccountTeam


def test_a_partner_sees_how_many_customers_are_theirs_and_where_to_go(cast):
    text = cast.client("pan").get("/").content.decode()
    assert "What you can do here" in text
    assert "You look after 1 customer;" in text
    for address in ("/accounts/", "/tickets/", "/bench/"):
        assert f'<a href="{address}"' in text, address
    assert "Needs us this week" not in text


def test_a_partner_without_customers_is_told_why(cast):
    AccountTeam.objects.filter(staff=cast.pan).delete()
    text = cast.client("pan").get("/").content.decode()
    assert "No customer is yours yet" in text


def test_who_sees_the_ranking_needs_no_guide(cast):
    assert "What you can do here" not in cast.client("mei").get("/").content.decode()
