"""`bihuan ask --format table` prints every kind of answer as lines and columns: nothing of it looks like a program's value."""

import pytest
from test_every_number_has_a_list_or_a_reason import QUESTIONS, everything  # noqa: F401 – a fixture
from test_who_is_behind_a_number_of_accounts import answered, customers, lives, tickets  # noqa: F401 – fixtures

from bihuan.config.commands.printed import as_table, in_a_line

pytestmark = pytest.mark.django_db


def test_every_kind_is_printed_without_a_bracket_of_a_program(everything):  # noqa: F811 – a fixture's name
    for question in QUESTIONS:
        answer = answered(question).document()
        said = as_table(answer)
        shown = said.removeprefix("\n".join(answer["definition"]))
        for mark in ("{", "}", "': ", "None", "True", "False", "<rich"):
            assert mark not in shown.replace("\n".join(answer["definition"]), ""), (question, mark, said)
        for column in answer["columns"][:1]:
            assert column["name"] in said
        for name in answer["summary"]:
            assert name in said, (question, name)


def test_a_tree_is_printed_as_one(everything):  # noqa: F811 – a fixture's name
    tree = {"units": 60, "rate": 0.5, "condition": "account.size > 3.0", "yes": {"units": 40, "rate": 0.25},
            "no": {"units": 20, "rate": 1.0, "rule": "x"}}  # fmt: skip
    answer = answered({"kind": "health"}).document() | {"summary": {"tree": tree}}
    lines = as_table(answer).splitlines()
    place = lines.index("tree")
    assert lines[place + 1 : place + 4] == [
        "  all: 60 units, rate 0.5000",
        "    account.size > 3.0: 40 units, rate 0.2500",
        "    not account.size > 3.0: 20 units, rate 1",
    ]


@pytest.mark.parametrize(("value", "said"), [
    (None, ""), (True, "yes"), (2.0, "2"), (1 / 3, "0.3333"), (1234.5678, "1234.57"), (["a", 1.0], "a, 1"),
    ([["size", "far_above"], ["mrr", "below"]], "size far_above; mrr below"), ({"a": 1, "b": None}, "a 1, b "), ("[b]", "[b]"),
])  # fmt: skip
def test_a_value_is_written_for_a_reader(value, said):
    assert in_a_line(value) == said
