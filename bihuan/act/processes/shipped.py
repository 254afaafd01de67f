"""The library that ships: processes written as lists in `library/`, brought in once and never over what the firm changed."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bihuan.act.bpmn import Check, Choice, Field, Words, Work
from bihuan.act.bpmn.list_writing import to_bpmn
from bihuan.act.bpmn.listed import Listed, Row, Way
from bihuan.act.processes.models import Kind, Process
from bihuan.base.access import Actor

FOLDER = Path(__file__).parent / "library"
KINDS = ("decision", "automatic", "wait", "message")


def said(text: Any) -> Words:
    """ "English | 中文"."""
    english, _bar, chinese = str(text or "").partition(" | ")
    return Words(text=english.strip(), zh=chinese.strip())


def files() -> list[Path]:
    """Decision tables first: processes ask them."""
    return [*sorted(FOLDER.glob("*.dmn")), *sorted(FOLDER.glob("*.yaml"))]


def read_list(text: str) -> tuple[Listed, Mapping[str, Any]]:
    """(the process, what the library says of it beside: area)."""
    raw = yaml.safe_load(text)
    rows = tuple(_row(key, one) for key, one in raw["steps"].items())
    listed = Listed(
        key=raw["key"], name=said(raw["name"]), text=said(raw["about"]), rows=rows,
        start=tuple(_field(name, one) for name, one in (raw.get("start") or {}).items()),
    )  # fmt: skip
    return listed, raw


def _row(key: str, raw: Mapping[str, Any]) -> Row:
    kind = next((name for name in KINDS if name in raw), "user")
    work = Work(
        role=raw.get("role", ""), assign=raw.get("assign", ""), limit=raw.get("limit", ""), calendar=raw.get("calendar", ""),
        remind=raw.get("remind", ""), escalate_to=raw.get("escalate", ""), escalate_after=raw.get("after", ""),
        effort=raw.get("effort", ""), approval=str(raw.get("approval", "")),
        approvers=tuple(raw.get("approvers", ())), in_order=raw.get("in_order", False),
        signature=raw.get("signature", False), gate=raw.get("gate", ""),
    )  # fmt: skip
    return Row(
        id=key, name=said(raw["name"]), kind=kind, text=said(raw.get("text")), work=work,
        fields=tuple(_field(name, one) for name, one in (raw.get("form") or {}).items()),
        checks=tuple(Check(title=said(one)) for one in raw.get("checks", ())), table=raw.get("decision", ""),
        step=raw.get("automatic", ""), inputs=raw.get("inputs", {}), wait=raw.get("wait", ""), message=raw.get("message", ""),
        correlate=raw.get("correlate", ""), ways=tuple(_way(one) for one in raw.get("next", ())),
    )  # fmt: skip


def _way(raw: Mapping[str, Any]) -> Way:
    return Way(
        to=raw.get("to", ""), end=said(raw.get("end")), when=raw.get("when", ""), name=said(raw.get("name"))
    )


def _field(name: str, raw: Any) -> Field:
    """`Title | 标题` for a text that is needed, or {title, kind, required, least, most, choices: {value: Title | 标题}}."""
    about = raw if isinstance(raw, Mapping) else {"title": raw}
    choices = tuple(
        Choice(value=str(key), title=said(text)) for key, text in about.get("choices", {}).items()
    )
    return Field(
        name=name, title=said(about["title"]), kind=about.get("kind", "choice" if choices else "text"),
        required=about.get("required", True), least=str(about.get("least", "")), most=str(about.get("most", "")),
        choices=choices,
    )  # fmt: skip


def ship(*, by: Actor, at: datetime) -> list[str]:
    """Bring in and publish what is not here yet, by key; the keys of what was brought. What is here stays as it is."""
    from bihuan.act.processes.actions import create_process, publish_draft

    brought = []
    for path in files():
        text = path.read_text(encoding="utf-8")
        table = path.suffix == ".dmn"
        key = path.stem
        if Process.objects.filter(key=key).exists():
            continue
        if table:
            name, about, area, xml = said(TABLES[key]), Words(), "improve", text
        else:
            listed, raw = read_list(text)
            name, about, area, xml = listed.name, listed.text, raw["area"], to_bpmn(listed)
        row = create_process(
            key=key, kind=Kind.DECISION if table else Kind.PROCESS, name=name.text, name_zh=name.zh, about=about.text,
            about_zh=about.zh, area=area, xml=xml, shipped=True, by=by, at=at,
        )  # fmt: skip
        publish_draft(process=row, by=by, at=at, note="")
        brought.append(key)
    return brought


#: What the tables of the library are called.
TABLES = {"demand_level": "Level of a demand | 需求等级"}
