"""Our own extension of BPMN: roles, time limits, forms, check-lists, automatic steps.

It stands in `extensionElements` under the namespace `urn:bihuan:bpmn`, so that other modelers keep it:

    <x:work role="sales" assign="owner" limit="4h" calendar="" remind="1h" escalateTo="manager" escalateAfter="2h"
            effort="30m" approval="all" approvers="manager, sales" inOrder="true" signature="true" gate="score >= 80"/>
    <x:form><x:field name="amount" title="Amount" zh="金额" kind="money" required="true" least="0">
      <x:choice value="a" title="A" zh="甲"/></x:field></x:form>
    <x:checklist><x:check title="Contract scanned" zh="合同已扫描" required="true"/></x:checklist>
    <x:step name="open_ticket"><x:input name="subject" value="title"/><x:output name="ticket" value="number"/></x:step>
    <x:decision table="demand_level" into="level"/>

The Chinese of a name is the attribute `x:zh` of the element that has the name.
"""

from lxml import etree

from bihuan.act.bpmn import diagram as d

NS = {"b": d.BPMN, "x": d.BIHUAN}
KINDS = ("text", "long", "number", "money", "date", "yesno", "choice", "choices", "file", "person", "account")


def in_ours(name: str) -> str:
    """An attribute's or element's name in our namespace."""
    return f"{{{d.BIHUAN}}}{name}"


def _found(element: etree._Element, name: str) -> etree._Element | None:
    return element.find(f"b:extensionElements/x:{name}", NS)


def _titled(element: etree._Element, name: str = "title") -> d.Words:
    zh = "zh" if name == "title" else f"{name}Zh"
    return d.Words(text=element.get(name, ""), zh=element.get(zh, ""))


def work_of(element: etree._Element, *, lane: str) -> d.Work:
    """Who does it and by when; the lane's role where the step names none."""
    found = _found(element, "work")
    if found is None:
        return d.Work(role=lane)
    approvers = tuple(one.strip() for one in found.get("approvers", "").split(",") if one.strip())
    return d.Work(
        role=found.get("role", "") or lane, assign=found.get("assign", ""), limit=found.get("limit", ""),
        calendar=found.get("calendar", ""), remind=found.get("remind", ""), escalate_to=found.get("escalateTo", ""),
        escalate_after=found.get("escalateAfter", ""), effort=found.get("effort", ""), approval=found.get("approval", ""),
        approvers=approvers, signature=found.get("signature") == "true", gate=found.get("gate", ""),
        in_order=found.get("inOrder") == "true",
    )  # fmt: skip


def fields_of(element: etree._Element) -> tuple[d.Field, ...]:
    """The fields of its form."""
    form = _found(element, "form")
    if form is None:
        return ()
    return tuple(
        d.Field(
            name=one.get("name", ""), title=_titled(one), kind=one.get("kind", "text"), required=one.get("required") == "true",
            help=_titled(one, "help"), default=one.get("default", ""), least=one.get("least", ""), most=one.get("most", ""),
            choices=tuple(
                d.Choice(value=choice.get("value", ""), title=_titled(choice)) for choice in one.iterfind("x:choice", NS)
            ),
        )
        for one in form.iterfind("x:field", NS)
    )  # fmt: skip


def checks_of(element: etree._Element) -> tuple[d.Check, ...]:
    """The lines of its check-list."""
    listed = _found(element, "checklist")
    if listed is None:
        return ()
    return tuple(
        d.Check(title=_titled(one), required=one.get("required", "true") == "true")
        for one in listed.iterfind("x:check", NS)
    )


def step_of(element: etree._Element) -> d.Step | None:
    """The automatic step that it calls."""
    found = _found(element, "step")
    if found is None:
        return None
    return d.Step(
        name=found.get("name", ""),
        inputs={one.get("name", ""): one.get("value", "") for one in found.iterfind("x:input", NS)},
        outputs={one.get("name", ""): one.get("value", "") for one in found.iterfind("x:output", NS)},
    )
