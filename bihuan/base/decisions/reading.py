"""From a DMN file to a Table."""

from lxml import etree

from bihuan.base.decisions.asking import output_of
from bihuan.base.decisions.cells import CellError, test_of
from bihuan.base.decisions.table import POLICIES, SUMMED, Column, Finding, Rule, Table
from bihuan.base.rules import RuleError, parsed
from bihuan.base.safe_xml import XmlRefused, read_xml

#: The namespaces of DMN 1.1 to 1.5.
DMN = (
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
)
MOST_RULES = 1_000


class TableRefused(ValueError):
    """A file that holds no table that can be read; `code` is one of XmlRefused's reasons, "not_dmn", "no_table" or
    "several_tables"."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_table(text: str | bytes) -> Table:
    """The only decision table of the file; TableRefused when there is none, or more than one."""
    try:
        root = read_xml(text)
    except XmlRefused as error:
        raise TableRefused(error.reason, str(error)) from None
    space = etree.QName(root).namespace or ""
    if space not in DMN or etree.QName(root).localname != "definitions":
        raise TableRefused("not_dmn", "the file is not DMN")
    names = {"m": space}
    tables = root.findall("m:decision/m:decisionTable", names)
    if not tables:
        raise TableRefused("no_table", "the file has no decision table")
    if len(tables) > 1:
        raise TableRefused(
            "several_tables", f"the file has {len(tables)} decision tables; give each a file of its own"
        )
    table, decision = tables[0], tables[0].getparent()
    key = "" if decision is None else decision.get("id", "")
    inputs = tuple(_input(one, names) for one in table.iterfind("m:input", names))
    outputs = tuple(_output(one, key) for one in table.iterfind("m:output", names))
    return Table(
        id=key, name="" if decision is None else decision.get("name", ""),
        policy=table.get("hitPolicy", "UNIQUE").upper(), summed=table.get("aggregation", "").upper(), inputs=inputs,
        outputs=outputs, rules=tuple(_rule(one, names) for one in table.iterfind("m:rule", names)),
    )  # fmt: skip


def _text(element: etree._Element | None, names: dict[str, str]) -> str:
    found = None if element is None else element.find("m:text", names)
    return "" if found is None else (found.text or "").strip()


def _input(element: etree._Element, names: dict[str, str]) -> Column:
    asked = element.find("m:inputExpression", names)
    text = _text(asked, names)
    kind = "" if asked is None else asked.get("typeRef", "")
    return Column(name=text, label=element.get("label", "") or text, expression=text, kind=kind)


def _output(element: etree._Element, decision: str) -> Column:
    name = element.get("name", "") or decision
    return Column(name=name, label=element.get("label", "") or name, kind=element.get("typeRef", ""))


def _rule(element: etree._Element, names: dict[str, str]) -> Rule:
    note = element.find("m:description", names)
    return Rule(
        id=element.get("id", ""), inputs=tuple(_text(one, names) for one in element.iterfind("m:inputEntry", names)),
        outputs=tuple(_text(one, names) for one in element.iterfind("m:outputEntry", names)),
        note="" if note is None else (note.text or "").strip(),
    )  # fmt: skip


def check_table(table: Table) -> list[Finding]:
    """Everything that keeps a table from being asked; empty when it can be."""
    found = []
    if table.policy not in POLICIES:
        found.append(Finding(code="policy", text=table.policy))
    if table.summed and (table.summed not in SUMMED or table.policy != "COLLECT" or len(table.outputs) != 1):
        found.append(Finding(code="summed", text=table.summed))
    if not table.outputs:
        found.append(Finding(code="no_outputs"))
    if not table.rules:
        found.append(Finding(code="no_rules"))
    if len(table.rules) > MOST_RULES:
        found.append(Finding(code="too_many_rules", text=str(len(table.rules))))
    for one in table.outputs:
        if not one.name.isidentifier() or not one.name.isascii():
            found.append(Finding(code="output_name", text=one.name))
    for one in table.inputs:
        try:
            parsed(one.expression)
        except RuleError as error:
            found.append(Finding(code="input", text=one.expression, why=str(error)))
    return found + [
        finding for number, rule in enumerate(table.rules, 1) for finding in _wrong(table, rule, number)
    ]


def _wrong(table: Table, rule: Rule, number: int) -> list[Finding]:
    found = []
    if len(rule.inputs) != len(table.inputs) or len(rule.outputs) != len(table.outputs):
        found.append(Finding(code="cells", row=number))
    for text in rule.inputs:
        try:
            test_of(text)
        except CellError as error:
            found.append(Finding(code="cell", row=number, text=text, why=str(error)))
    for text in rule.outputs:
        try:
            output_of(text)
        except (CellError, RuleError) as error:
            found.append(Finding(code="output", row=number, text=text, why=str(error)))
    return found
