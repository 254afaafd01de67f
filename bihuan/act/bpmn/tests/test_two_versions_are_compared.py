"""What changed between two diagrams: steps that came, went or are done otherwise, ways and conditions."""

from dataclasses import replace

from drawings import END, START, chain, drawn, field, flow, user
from hypothesis import given, settings

from bihuan.act.bpmn import read_diagram
from bihuan.act.bpmn.compare import Changes, compare
from bihuan.act.bpmn.list_writing import to_bpmn
from bihuan.act.bpmn.listed import Listed
from bihuan.act.bpmn.tests.test_a_list_is_a_process import lists

GATE = '<exclusiveGateway id="g" name="Large?" default="g_end"/>'


def diff(before: str, after: str) -> Changes:
    return compare(read_diagram(before), read_diagram(after))


def told(changes: Changes) -> list[tuple[str, str, list[tuple[str, str, object, object]]]]:
    return [
        (
            one.how,
            one.element,
            [(detail.what, detail.of, detail.before, detail.after) for detail in one.details],
        )
        for one in (*changes.nodes, *changes.flows)
    ]


def test_steps_come_go_and_are_done_otherwise() -> None:
    before = drawn("p", START, user("a", limit="2d"), user("b"), END, chain("start", "a", "b", "end"))
    after = drawn(
        "p", START, user("a", role="manager", limit="1d"), user("c"), END, chain("start", "a", "c", "end")
    )
    assert told(diff(before, after)) == [
        ("changed", "a", [("role", "", "sales", "manager"), ("limit", "", "2d", "1d")]),
        ("added", "c", []), ("removed", "b", []),
        ("added", "a_c", []), ("added", "c_end", []), ("removed", "a_b", []), ("removed", "b_end", []),
    ]  # fmt: skip


def test_conditions_and_defaults_are_told() -> None:
    ways = (flow("g", "a", "amount > 2.0"), flow("g", "end"))
    before = drawn("p", START, GATE, user("a"), END, chain("start", "g"), *ways, chain("a", "end"))
    after = before.replace("amount &gt; 2.0", "amount &gt; 3.0")
    assert told(diff(before, after)) == [
        ("changed", "g_a", [("condition", "", "amount > 2.0", "amount > 3.0")])
    ]
    other = before.replace('default="g_end"', 'default="g_a"')
    assert told(diff(before, other)) == [
        ("changed", "g_a", [("default", "", False, True)]), ("changed", "g_end", [("default", "", True, False)]),
    ]  # fmt: skip


def test_forms_and_check_lists_are_compared_by_name() -> None:
    check = '<x:check title="Paid" required="true"/>'
    before = drawn(
        "p",
        START,
        user("a", fields=field("x") + field("y", least="1"), checks=check),
        END,
        chain("start", "a", "end"),
    )
    after = drawn("p", START, user("a", fields=field("y", least="2") + field("z"), checks=check.replace("true", "false")), END,
                  chain("start", "a", "end"))  # fmt: skip
    found = diff(before, after).nodes[0].details
    assert [(one.what, one.of) for one in found] == [
        ("field_least", "y"), ("field", "z"), ("field", "x"), ("check_required", "Paid"),
    ]  # fmt: skip
    turned = drawn(
        "p",
        START,
        user("a", fields=field("y", least="1") + field("x"), checks=check),
        END,
        chain("start", "a", "end"),
    )
    assert [one.what for one in diff(before, turned).nodes[0].details] == ["order_of_fields"]


def test_an_arrow_that_was_drawn_anew_is_no_change() -> None:
    before = drawn("p", START, user("a"), END, chain("start", "a", "end"))
    after = before.replace('id="a_end"', 'id="again"')
    assert not diff(before, after)


@given(lists())
@settings(max_examples=60, deadline=None)
def test_nothing_changed_between_a_version_and_itself_and_turning_round_turns_the_changes(
    listed: Listed,
) -> None:
    one = read_diagram(to_bpmn(listed))
    assert not compare(one, replace(one))
    first = replace(listed.rows[0], ways=(), name=listed.name)
    other = read_diagram(to_bpmn(replace(listed, rows=(first,), begins=listed.name)))
    there, back = compare(one, other), compare(other, one)
    opposite = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(change.how, change.element) for change in there.nodes} == {
        (opposite[change.how], change.element) for change in back.nodes
    }
    assert len(there.flows) == len(back.flows)
