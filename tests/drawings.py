"""Diagrams of tests: a few lines of steps and arrows become a BPMN file."""

from collections.abc import Mapping
from itertools import pairwise

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:x="urn:bihuan:bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="urn:bihuan">\n'
)


def drawn(key: str, *parts: str, name: str = "", more: str = "") -> str:
    """A process of these elements; `more` stands beside it, such as messages."""
    inside = "\n".join(parts)
    return f'{HEAD}<process id="{key}" name="{name or key}" isExecutable="true">\n{inside}\n</process>\n{more}</definitions>'


def flow(source: str, target: str, when: str = "", key: str = "") -> str:
    """An arrow, with CEL when it has a condition."""
    text = when.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    condition = (
        f'<conditionExpression xsi:type="tFormalExpression">{text}</conditionExpression>' if text else ""
    )
    return f'<sequenceFlow id="{key or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}">{condition}</sequenceFlow>'


def chain(*ids: str) -> str:
    """Arrows from each to the next."""
    return "\n".join(flow(a, b) for a, b in pairwise(ids))


def user(
    key: str, role: str = "sales", fields: str = "", checks: str = "", inside: str = "", **work: str
) -> str:
    """A step of a person; `work` are more attributes of x:work, `fields` and `checks` the XML in their lists."""
    said = "".join(f' {name}="{value}"' for name, value in {"role": role, **work}.items() if value)
    form = f"<x:form>{fields}</x:form>" if fields else ""
    listed = f"<x:checklist>{checks}</x:checklist>" if checks else ""
    extension = f"<extensionElements><x:work{said}/>{form}{listed}</extensionElements>"
    return f'<userTask id="{key}" name="{key.title()}">{extension}{inside}</userTask>'


def field(name: str, kind: str = "text", required: bool = True, **more: str) -> str:
    """A field of a form."""
    extra = "".join(f' {key}="{value}"' for key, value in more.items())
    return f'<x:field name="{name}" title="{name}" kind="{kind}" required="{str(required).lower()}"{extra}/>'


def service(
    key: str, step: str, inputs: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None
) -> str:
    """An automatic step."""
    given = "".join(f'<x:input name="{name}" value="{text}"/>' for name, text in (inputs or {}).items())
    taken = "".join(f'<x:output name="{name}" value="{text}"/>' for name, text in (outputs or {}).items())
    return f'<serviceTask id="{key}"><extensionElements><x:step name="{step}">{given}{taken}</x:step></extensionElements></serviceTask>'


def timer(key: str, on: str, after: str, interrupts: bool = False, calendar: str = "wall") -> str:
    """A timer on a step."""
    kind = "timeCycle" if after.startswith("R") else "timeDuration"
    inside = f'<timerEventDefinition x:calendar="{calendar}"><{kind}>{after}</{kind}></timerEventDefinition>'
    return f'<boundaryEvent id="{key}" attachedToRef="{on}" cancelActivity="{str(interrupts).lower()}">{inside}</boundaryEvent>'


START = '<startEvent id="start"/>'
END = '<endEvent id="end"/>'
