"""A file of another modeler made ready to be kept: ids that the engine keeps for itself are renamed, a picture is added."""

from lxml import etree

from bihuan.act.bpmn.check import is_reserved
from bihuan.act.bpmn.diagram import BPMN
from bihuan.act.bpmn.pictured import with_picture
from bihuan.act.bpmn.reading import read_diagram, root_of

#: Where a file names an element by its id.
REFERENCES = ("id", "sourceRef", "targetRef", "attachedToRef", "default", "bpmnElement", "activityRef")
NAMED_INSIDE = tuple(f"{{{BPMN}}}{name}" for name in ("flowNodeRef", "sourceRef", "targetRef"))


def taken_in(text: str | bytes) -> str:
    """The file as text, as it is but for what the module says. DiagramRefused is as of `read_diagram`."""
    diagram = read_diagram(text)
    wanted = [key for key in diagram.nodes if is_reserved(key)]
    if wanted:
        root = root_of(text)
        taken = {element.get("id", "") for element in root.iter() if isinstance(element.tag, str)}
        _rename(root, {key: _free(key, taken) for key in wanted})
        text = '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode")
    return with_picture(text)


def _free(key: str, taken: set[str]) -> str:
    number = 1
    while f"{key}_{number}" in taken:
        number += 1
    taken.add(f"{key}_{number}")
    return f"{key}_{number}"


def _rename(root: etree._Element, names: dict[str, str]) -> None:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for attribute in REFERENCES:
            if element.get(attribute) in names:
                element.set(attribute, names[element.get(attribute, "")])
        said = (element.text or "").strip()
        if element.tag in NAMED_INSIDE and said in names:
            element.text = names[said]
