"""What the time line says of a change, in the words of the forms and in both languages."""

import pytest
from django.utils import translation

from bihuan.base.ui.formats import listed
from bihuan.site.facts import WORDINGS, words_for

CHANGE = {"before": {"tier": "B", "stage": "adoption"}, "after": {"tier": "A", "stage": "value"}}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Account changed: tier B → A, life-cycle stage Adoption → Value"),
        ("zh-hans", "客户资料变更：客户等级 B → A、生命周期阶段 成长期 → 成熟期"),
    ],
)
def test_a_change_names_fields_and_values_as_forms_do(language, said):
    with translation.override(language):
        assert WORDINGS["account_changed"].say(CHANGE) == said


def test_a_field_that_is_cleared_shows_a_dash():
    with translation.override("en"):
        text = WORDINGS["contract_changed"].say(
            {"before": {"ends_on": "2026-01-01"}, "after": {"ends_on": None}}
        )
    assert text == "Contract changed: end 2026-01-01 → –"


def test_a_contract_line_is_told_in_its_own_currency():
    with translation.override("en"):
        text = WORDINGS["contract_line_set"].say({"mrr": "12.50", "currency": "USD", "added": True})
    assert text == "Contract line added: $12.50 a month"


def test_a_fact_that_is_told_elsewhere_has_no_wording():
    assert words_for("ticket_opened") is None


def test_names_stand_in_a_row_with_the_comma_of_the_language():
    with translation.override("zh-hans"):
        assert listed(["甲", "乙"]) == "甲、乙"
    with translation.override("en"):
        assert (listed(["a", "b"]), listed([])) == ("a, b", "")
