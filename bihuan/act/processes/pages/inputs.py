"""What the rows of a list ask, as the template draws it: groups of inputs with their labels in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.act.bpmn import Field, Words
from bihuan.act.bpmn.beginning import rounds_of
from bihuan.act.bpmn.listed import Listed, Row, Way
from bihuan.act.processes.pages.kinds import clocks, field_kinds
from bihuan.act.processes.told import clock_said
from bihuan.act.processes.typed import check_line, joined

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input; `kind` is text, lines, choice or yesno, `id` what the label names, `wide` over the whole row."""

    name: str
    id: str
    label: str
    value: str = ""
    kind: str = "text"
    options: Pairs = ()
    hint: str = ""
    wide: bool = False
    code: bool = False
    #: A change of it changes what else is asked.
    again: bool = False
    #: Shown only while the way beside it leads to an end.
    of_end: bool = False
    #: Shown only while the kind beside it offers choices.
    of_choice: bool = False


@dataclass(frozen=True, kw_only=True)
class Group:
    """Inputs that stand together; `hidden` when they are for another kind of step, `folded` when they are looked at rarely."""

    title: str
    inputs: Sequence[Input]
    hidden: bool = False
    folded: bool = True


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What rows choose from, each as (value, label)."""

    roles: Pairs
    tables: Pairs
    steps: Pairs
    processes: Pairs
    targets: Pairs


def _with_none(options: Pairs, value: str, none: str = "–") -> Pairs:
    """With nothing first, and with the value that is there although it is not offered."""
    strange = [] if not value or value in dict(options) else [(value, value)]
    return [("", none), *options, *strange]


def _with_clocks(value: str) -> Pairs:
    offered = clocks()
    strange = [] if not value or value in dict(offered) else [(value, clock_said(value))]
    return [("", clock_said("")), *offered, *strange]


def kinds() -> Pairs:
    """The kinds of steps."""
    return [
        ("user", _("Somebody does it")), ("decision", _("A table decides")), ("automatic", _("The platform does it")),
        ("process", _("Another process")), ("wait", _("Wait")), ("message", _("A message arrives")),
    ]  # fmt: skip


def row_groups(row: Row, at: str, offered: Offered) -> list[Group]:
    """Everything of a step but its form and its ways."""

    def one(name: str, label: str, value: str, **more: Any) -> Input:
        return Input(name=f"{at}-{name}", id=f"{row.id}-{name}", label=label, value=value, **more)

    def chosen(name: str, label: str, value: str, options: Pairs, none: str = "–") -> Input:
        return one(name, label, value, kind="choice", options=_with_none(options, value, none))

    work, user = row.work, row.kind == "user"
    benches = [("owner", _("The account's owner")), ("starter", _("Whoever started it"))]
    until = row.until or row.wait
    return [
        Group(title="", folded=False, inputs=[
            one("name", _("Name"), row.name.text), one("name_zh", _("Name in Chinese"), row.name.zh),
            one("kind", _("Kind"), row.kind, kind="choice", options=kinds(), again=True),
        ]),
        Group(title="", folded=False, hidden=not user, inputs=[
            chosen("role", _("Role"), work.role, offered.roles),
            one("limit", _("Time limit"), work.limit, hint="2d"), one("remind", _("Remind before"), work.remind, hint="4h"),
            chosen("escalate_to", _("Escalate to"), work.escalate_to, offered.roles),
        ]),
        Group(title="", folded=False, hidden=row.kind != "decision", inputs=[
            chosen("table", _("Decision table"), row.table, offered.tables),
            one("into", _("Put the answer into"), row.into, hint=_("Empty: each output under its own name"), code=True),
        ]),
        Group(title="", folded=False, hidden=row.kind != "automatic", inputs=[
            chosen("step", _("Automatic step"), row.step, offered.steps),
            one("inputs", _("What it is given"), _typed_pairs(row.inputs), kind="lines", hint="text = account.name", code=True),
            one("outputs", _("What it gives"), _typed_pairs(row.outputs), kind="lines", hint="ticket = number", code=True),
        ]),
        Group(title="", folded=False, hidden=row.kind != "process", inputs=[
            chosen("called", _("Which process"), row.called, offered.processes),
        ]),
        Group(title="", folded=False, hidden=row.kind != "wait", inputs=[
            one("wait_kind", _("Wait"), "until" if row.until else "", kind="choice",
                options=[("", _("So long")), ("until", _("Until a moment"))]),
            one("wait", _("How long, or until when"), until, hint=_("P7D, PT4H, or a rule that gives a day"), code=True),
            one("wait_calendar", _("Clock"), row.calendar, kind="choice",
                options=_with_clocks(row.calendar)),
        ]),
        Group(title="", folded=False, hidden=row.kind != "message", inputs=[
            one("message", _("Message"), row.message),
            one("correlate", _("For which"), row.correlate, hint="account.key", code=True),
        ]),
        Group(title="", inputs=[
            one("text", _("What is done"), row.text.text, kind="lines"),
            one("text_zh", _("What is done, in Chinese"), row.text.zh, kind="lines"),
        ]),
        Group(title=_("Check-list"), hidden=not user, inputs=[
            one("checks", _("One line each"), "\n".join(check_line(check) for check in row.checks), kind="lines", wide=True,
                hint=_("Contract scanned | 合同已扫描; with ? before it, it may be left out")),
        ]),
        Group(title=_("Who and when, in detail"), hidden=not user, inputs=[
            chosen("assign", _("Whose bench"), work.assign, benches, _("The queue of the role")),
            one("calendar", _("Clock"), work.calendar, kind="choice", options=_with_clocks(work.calendar)),
            one("escalate_after", _("Escalate after"), work.escalate_after, hint="2h"),
            one("effort", _("Usual effort"), work.effort, hint="30m"),
            one("approval", _("Approval"), work.approval, hint=_("any, all, or how many must agree; empty for none")),
            one("approvers", _("Approvers"), ", ".join(work.approvers), hint="manager, admin"),
            one("gate", _("Only when"), work.gate, hint="score >= 80", code=True),
            one("in_order", _("One after the other"), "1" if work.in_order else "", kind="yesno"),
            one("signature", _("Signed with a name"), "1" if work.signature else "", kind="yesno"),
        ]),
        Group(title="", hidden=not any(way.when for way in row.ways), folded=False, inputs=[
            one("question", _("What is asked there"), row.question.text, hint=_("Large contract?")),
            one("question_zh", _("The same in Chinese"), row.question.zh),
        ]),
    ]  # fmt: skip


def _typed_pairs(pairs: object) -> str:
    return "\n".join(f"{joined(name, by='=')} = {joined(text, by='=')}" for name, text in dict(pairs).items())  # type: ignore[call-overload]


def field_inputs(field: Field, at: str, row: str) -> list[Input]:
    """One field of a form."""

    def one(name: str, label: str, value: str, **more: Any) -> Input:
        return Input(name=f"{at}-{name}", id=f"{row}-{at}-{name}", label=label, value=value, **more)

    choices = "\n".join(joined(one.value, one.title.text, one.title.zh) for one in field.choices)
    return [
        one("title", pgettext("field", "Title"), field.title.text), one("title_zh", _("Title in Chinese"), field.title.zh),
        one("name", _("Name in rules"), field.name, code=True),
        one("kind", _("Kind"), field.kind, kind="choice", options=_strange(list(field_kinds().items()), field.kind)),
        one("required", _("Needed"), "1" if field.required else "", kind="yesno"),
        one("choices", _("Choices, one a line"), choices, kind="lines", hint=_("small | Small | 小"), of_choice=True),
        one("least", _("At least"), field.least), one("most", _("At most"), field.most),
        one("default", _("Filled in already"), field.default),
        one("help", _("Help"), field.help.text), one("help_zh", _("Help in Chinese"), field.help.zh),
    ]  # fmt: skip


def _strange(options: Pairs, value: str) -> Pairs:
    return [*options, *([] if value in dict(options) else [(value, value)])]


def _led(way: Way) -> str:
    return f"to:{way.to}" if way.to else "end"


def way_inputs(way: Way, at: str, row: str, offered: Offered) -> list[Input]:
    """A way with its rule."""
    rule = Input(
        name=f"{at}-when",
        id=f"{row}-{at}-when",
        label=_("If"),
        value=way.when.strip(),
        hint="amount > 100000.0",
        code=True,
    )
    return [rule, *_towards(way, at, row, _targets(offered, _led(way)))]


def rest_inputs(way: Way | None, at: str, row: str, offered: Offered, *, alone: bool) -> list[Input]:
    """Where it goes on when no rule holds, or in any case when there are none (`alone`)."""
    value = "" if way is None else _led(way)
    options = [("", _("The next step, or the end")), *_targets(offered, value)]
    inputs = _towards(
        way or Way(),
        at,
        row,
        options,
        value=value,
        label=pgettext("list", "Then") if alone else _("Otherwise"),
    )
    return inputs[:3] if alone and way is None else inputs


def _targets(offered: Offered, value: str) -> Pairs:
    strange = [] if value in ("", "end", *dict(offered.targets)) else [(value, value)]
    return [("end", pgettext("list", "End")), *offered.targets, *strange]


def _towards(
    way: Way, at: str, row: str, options: Pairs, *, value: str | None = None, label: str = ""
) -> list[Input]:
    end: Words = way.end
    return [
        Input(name=f"{at}-to", id=f"{row}-{at}-to", label=label or _("Goes on to"), value=_led(way) if value is None else value,
              kind="choice", options=options),
        Input(name=f"{at}-end", id=f"{row}-{at}-end", label=_("Name of the end"), value=end.text, of_end=True),
        Input(name=f"{at}-end_zh", id=f"{row}-{at}-end_zh", label=_("Name of the end in Chinese"), value=end.zh,
              of_end=True),
        Input(name=f"{at}-name", id=f"{row}-{at}-name", label=_("What the way is called"), value=way.name.text),
        Input(name=f"{at}-name_zh", id=f"{row}-{at}-name_zh", label=_("The same in Chinese"), value=way.name.zh),
    ]  # fmt: skip


def start_inputs(listed: Listed) -> list[Input]:
    """What the start is called."""
    return [
        Input(name="start-name", id="start-name", label=_("What begins it"), value=listed.begins.text,
              hint=_("A request arrives")),
        Input(name="start-name_zh", id="start-name_zh", label=_("The same in Chinese"), value=listed.begins.zh),
    ]  # fmt: skip


def begin_groups(listed: Listed) -> list[Group]:
    """When it begins by itself, if it does."""
    timer = listed.timer
    kind, text = ("", "") if timer is None else (timer.kind, timer.text)
    times, first, every = rounds_of(text) if kind == "cycle" else ("", "", "")
    whens = [
        ("", _("Somebody begins it")), ("cycle", _("By itself, again and again")), ("date", _("By itself, at a moment")),
        ("duration", _("By itself, so long after it was published")),
    ]  # fmt: skip

    def one(name: str, label: str, value: str, **more: Any) -> Input:
        return Input(name=f"start-{name}", id=f"start-{name}", label=label, value=value, **more)

    clock = "" if timer is None else timer.calendar
    return [
        Group(title="", folded=False, inputs=[
            one("when", _("Who begins it"), kind, kind="choice", options=whens, again=True),
        ]),
        Group(title="", folded=False, hidden=kind != "cycle", inputs=[
            one("every", pgettext("list", "Every"), every, hint=_("P1D a day, P7D a week, P1M a month, PT4H"), code=True),
            one("first", _("For the first time"), first, hint="2026-10-05T09:00:00+08:00", code=True),
            one("times", _("How often; empty for always"), times, hint="10"),
        ]),
        Group(title="", folded=False, hidden=kind != "date", inputs=[
            one("moment", _("When"), text if kind == "date" else "", hint="2026-10-05T09:00:00+08:00", code=True),
        ]),
        Group(title="", folded=False, hidden=kind != "duration", inputs=[
            one("span", _("How long after"), text if kind == "duration" else "", hint="PT4H", code=True),
        ]),
        Group(title="", folded=False, hidden=not kind, inputs=[
            one("clock", _("Clock"), clock, kind="choice", options=_with_clocks(clock)),
        ]),
    ]  # fmt: skip
