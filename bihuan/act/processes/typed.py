"""A list of steps as the page sends it: flat names and texts, read into a Listed, and changed by its buttons. No Django.

Step 3 is what begins with `s3-`: `s3-name`; its second field `s3-f1-title`; its first way `s3-w0-when`. Where it goes on
is "" (the next step), "end", or "to:" and a step's id. When it begins by itself is `start-when` and what goes with it. Lists of
small things are lines: a check `Title | 中文` (`?` before it when it may be left out), a choice `value | Title | 中文`, an
input `name = rule`; a backslash keeps the sign behind it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bihuan.act.bpmn import Check, Choice, Field, Timer, Words, Work
from bihuan.act.bpmn.listed import Listed, Row, Way, onward

Sent = Mapping[str, str]
#: More steps, and more fields or ways of one, are not kept. What is sent beyond is read all the same, so that it is shown
#: again, up to BEYOND times as many.
MOST_ROWS, MOST_PARTS, BEYOND = 200, 100, 5
#: The rule of a way whose rule is not written yet.
UNSAID = " "


def parted(line: str, *, by: str = "|") -> list[str]:
    """The parts of a line, without the spaces around them; a sign behind a backslash is kept as it is, `\\n` is a new line."""
    parts: list[list[tuple[str, bool]]] = [[]]
    for sign in re.findall(r"\\.|.", line, re.DOTALL):
        if sign == by:
            parts.append([])
        else:
            parts[-1].append(("\n" if sign == "\\n" else sign[-1], len(sign) > 1))
    return [_trimmed(part) for part in parts]


def _trimmed(signs: list[tuple[str, bool]]) -> str:
    while signs and signs[0][0].isspace() and not signs[0][1]:
        signs = signs[1:]
    while signs and signs[-1][0].isspace() and not signs[-1][1]:
        signs = signs[:-1]
    return "".join(sign for sign, _kept in signs)


def joined(*parts: str, by: str = "|") -> str:
    """The line that `parted` reads as these; empty parts at the end are left out."""
    while len(parts) > 1 and not parts[-1]:
        parts = parts[:-1]
    return f" {by} ".join(_kept(part, by) for part in parts)


def _kept(part: str, by: str) -> str:
    found = ""
    for number, sign in enumerate(part):
        edge = number in (0, len(part) - 1) and (sign.isspace() or sign == "?")
        if sign in "\n\r":
            found += "\\n"
        else:
            found += f"\\{sign}" if edge or sign in ("\\", by) else sign
    return found


def read_typed(sent: Sent, *, like: Listed) -> Listed:
    """What the page sent, with the key and names of `like`, which the page does not change. What is missing is empty."""
    rows = tuple(_row(sent, f"s{number}") for number in range(_count(sent, "rows", MOST_ROWS)))
    found = replace(
        like, begins=_words(sent, "start-name"), start=_fields(sent, "start"), timer=_timer(sent), rows=rows
    )
    return replace(found, rows=tuple(_with_rest(found, sent, number) for number in range(len(rows))))


def _with_rest(listed: Listed, sent: Sent, number: int) -> Row:
    """A step with the way that is taken when no other fits, where that is not just the next step."""
    row, rest = listed.rows[number], _way(sent, f"s{number}-rest")
    if not sent.get(f"s{number}-rest-to", ""):
        if not rest.name:
            return row
        rest = replace(onward(listed, number), name=rest.name)
    return replace(row, ways=(*row.ways, rest))


def _count(sent: Sent, name: str, most: int) -> int:
    text = sent.get(name, "")
    return min(int(text), most * BEYOND) if _is_number(text) else 0


def too_long(listed: Listed) -> tuple[Row | None, ...]:
    """What has more parts than are kept: the steps with too many fields or ways, and None for the whole, or for its start."""
    whole: tuple[Row | None, ...] = (None,)
    found = tuple(row for row in listed.rows if max(len(row.fields), len(row.ways)) > MOST_PARTS)
    return (whole if len(listed.rows) > MOST_ROWS or len(listed.start) > MOST_PARTS else ()) + found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _words(sent: Sent, name: str) -> Words:
    return Words(text=sent.get(name, ""), zh=sent.get(f"{name}_zh", ""))


def _row(sent: Sent, at: str) -> Row:
    def text(name: str) -> str:
        return sent.get(f"{at}-{name}", "").replace("\r\n", "\n")

    work = Work(
        role=text("role"), assign=text("assign"), limit=text("limit"), calendar=text("calendar"), remind=text("remind"),
        escalate_to=text("escalate_to"), escalate_after=text("escalate_after"), effort=text("effort"),
        approval=text("approval"), signature=bool(text("signature")), gate=text("gate"),
        approvers=tuple(one.strip() for one in text("approvers").split(",") if one.strip()), in_order=bool(text("in_order")),
    )  # fmt: skip
    ways = (_way(sent, f"{at}-w{number}") for number in range(_count(sent, f"{at}-ways", MOST_PARTS)))
    until = text("wait_kind") == "until"
    return Row(
        id=text("id"), name=_words(sent, f"{at}-name"), kind=text("kind"), text=_words(sent, f"{at}-text"), work=work,
        fields=_fields(sent, at), checks=tuple(_check(one) for one in _lines(text("checks"))), table=text("table"),
        into=text("into"), step=text("step"), inputs=_pairs(text("inputs")), outputs=_pairs(text("outputs")),
        called=text("called"), wait="" if until else text("wait"), until=text("wait") if until else "",
        calendar=text("wait_calendar"), message=text("message"), correlate=text("correlate"),
        question=_words(sent, f"{at}-question"), ways=tuple(replace(way, when=way.when or UNSAID) for way in ways),
    )  # fmt: skip


def _way(sent: Sent, at: str) -> Way:
    to = sent.get(f"{at}-to", "")
    said = {"when": sent.get(f"{at}-when", "").strip(), "name": _words(sent, f"{at}-name")}
    if to == "end":
        return Way(end=_words(sent, f"{at}-end"), **said)  # type: ignore[arg-type]
    return Way(to=to.removeprefix("to:"), **said)  # type: ignore[arg-type]


def _timer(sent: Sent) -> Timer | None:
    """What its start waits for; None when somebody begins it."""

    def text(name: str) -> str:
        return sent.get(f"start-{name}", "").strip()

    kind = text("when")
    if kind not in ("cycle", "date", "duration"):
        return None
    said = {"date": text("moment"), "duration": text("span"), "cycle": text("every")}[kind]
    if kind == "cycle" and (said.startswith("P") or text("first") or text("times")):
        said = "/".join(part for part in (f"R{text('times')}", text("first"), said) if part)
    return Timer(kind=kind, text=said, calendar=text("clock"))


def _fields(sent: Sent, at: str) -> tuple[Field, ...]:
    return tuple(
        _field(sent, f"{at}-f{number}") for number in range(_count(sent, f"{at}-fields", MOST_PARTS))
    )


def _field(sent: Sent, at: str) -> Field:
    choices = [[*parted(line), "", ""] for line in _lines(sent.get(f"{at}-choices", ""))]
    return Field(
        name=sent.get(f"{at}-name", ""), title=_words(sent, f"{at}-title"), kind=sent.get(f"{at}-kind", "text"),
        required=bool(sent.get(f"{at}-required", "")), help=_words(sent, f"{at}-help"), default=sent.get(f"{at}-default", ""),
        least=sent.get(f"{at}-least", ""), most=sent.get(f"{at}-most", ""),
        choices=tuple(Choice(value=one[0], title=Words(text=one[1], zh=one[2])) for one in choices),
    )  # fmt: skip


def _lines(text: str) -> list[str]:
    return [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]


def _check(line: str) -> Check:
    free = line.lstrip().startswith("?")
    title, zh, *_more = [*parted(line.lstrip().removeprefix("?") if free else line), ""]
    return Check(title=Words(text=title, zh=zh), required=not free)


def check_line(check: Check) -> str:
    """A line of a check-list as it is typed."""
    return ("" if check.required else "? ") + joined(check.title.text, check.title.zh)


def _pairs(text: str) -> dict[str, str]:
    found = {}
    for line in _lines(text):
        name, *rest = parted(line, by="=")
        found[name] = "=".join(rest)
    return found


def changed(listed: Listed, do: str) -> Listed:
    """What a button does, by its name and the places it is about: `add:3` puts a step behind the fourth. Others do nothing."""
    name, *places = do.split(":")
    numbers = [int(place) for place in places if _is_number(place)]
    change = CHANGES.get(name)
    if change is None or len(numbers) != len(places):
        return listed
    try:
        return change(listed, *numbers)
    except (IndexError, TypeError):
        return listed


def _add(listed: Listed, behind: int = -1) -> Listed:
    """The new step goes on to where the one before it did, which now leads to it."""
    taken, number = {row.id for row in listed.rows} | {listed.key}, len(listed.rows) + 1
    while f"step_{number}" in taken:
        number += 1
    at = behind + 1 if behind >= 0 else len(listed.rows)
    before = listed.rows[:at]
    taken_over: tuple[Way, ...] = ()
    if before:
        taken_over = tuple(replace(way, name=Words()) for way in before[-1].ways if not way.when)
        before = (*before[:-1], replace(before[-1], ways=tuple(way for way in before[-1].ways if way.when)))
    fresh = Row(id=f"step_{number}", name=Words(), ways=taken_over)
    return replace(listed, rows=(*before, fresh, *listed.rows[at:]))


def _drop(listed: Listed, number: int) -> Listed:
    """Ways that led to the step lead to where it went on in the list; the one before takes its last way over."""
    gone, meant = listed.rows[number].id, onward(listed, number)
    if number and all(way.when for way in listed.rows[number - 1].ways):
        bare = tuple(way for way in listed.rows[number].ways if not way.when and way.to != gone)
        listed = _at(listed, number - 1, ways=(*listed.rows[number - 1].ways, *bare))
    rows = tuple(
        replace(row, ways=tuple(replace(way, to=meant.to, end=meant.end) if way.to == gone else way for way in row.ways))
        for row in listed.rows if row.id != gone
    )  # fmt: skip
    return replace(listed, rows=rows)


def _move(listed: Listed, number: int, by: int) -> Listed:
    rows, to = list(listed.rows), number + by
    if 0 <= to < len(rows):
        rows[number], rows[to] = rows[to], rows[number]
    return replace(listed, rows=tuple(rows))


def _at(listed: Listed, number: int, **changes: object) -> Listed:
    row = replace(listed.rows[number], **changes)  # type: ignore[arg-type]
    return replace(listed, rows=(*listed.rows[:number], row, *listed.rows[number + 1 :]))


def _more_fields(fields: Sequence[Field], listed: Listed) -> tuple[Field, ...]:
    taken = {one.name for one in (*listed.start, *(field for row in listed.rows for field in row.fields))}
    number = 1
    while f"field_{number}" in taken:
        number += 1
    return (*fields, Field(name=f"field_{number}", title=Words()))


def _without(parts: Sequence, number: int) -> tuple:  # type: ignore[type-arg]
    return (*parts[:number], *parts[number + 1 :])


def _add_way(listed: Listed, number: int) -> Listed:
    """Before the one that holds when no other fits."""
    ways = listed.rows[number].ways
    ruled = [way for way in ways if way.when]
    fresh = replace(onward(listed, number), when=UNSAID)
    return _at(listed, number, ways=(*ruled, fresh, *(way for way in ways if not way.when)))


CHANGES: Mapping[str, Callable[..., Listed]] = {
    "add": _add, "drop": _drop, "up": lambda listed, number: _move(listed, number, -1),
    "down": lambda listed, number: _move(listed, number, 1),
    "field": lambda listed, number: _at(listed, number, fields=_more_fields(listed.rows[number].fields, listed)),
    "nofield": lambda listed, number, one: _at(listed, number, fields=_without(listed.rows[number].fields, one)),
    "way": _add_way,
    "noway": lambda listed, number, one: _at(listed, number, ways=_without(listed.rows[number].ways, one)),
    "ask": lambda listed: replace(listed, start=_more_fields(listed.start, listed)),
    "noask": lambda listed, one: replace(listed, start=_without(listed.start, one)),
}  # fmt: skip
