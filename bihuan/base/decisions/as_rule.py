"""A cell of a table as the rule that it is."""

import json

from bihuan.base.decisions.cells import COMPARED, RANGE, literal, parts_of, plain


def rule_of(expression: str, cell: str) -> str:
    """`m.mrr` and `>= 40000` as `m.mrr >= 40000`; empty for a cell that everything fits. CellError as for test_of."""
    text = cell.strip()
    if text in ("", "-"):
        return ""
    subject = expression if expression.replace(".", "").replace("_", "").isalnum() else f"({expression})"
    if text.startswith("not(") and text.endswith(")"):
        return f"!({rule_of(expression, text[4:-1]) or 'true'})"
    return " || ".join(_single(subject, part.strip()) for part in parts_of(text))


def _single(subject: str, text: str) -> str:
    ranged = RANGE.fullmatch(text)
    if ranged:
        low = f"{subject} {'>=' if ranged[1] == '[' else '>'} {_written(ranged[2])}"
        high = f"{subject} {'<=' if ranged[4] == ']' else '<'} {_written(ranged[3])}"
        return f"({low} && {high})"
    for sign in COMPARED:
        if text.startswith(sign):
            return f"{subject} {'==' if sign == '=' else sign} {_written(text[len(sign) :])}"
    return f"{subject} == {_written(text)}"


def _written(text: str) -> str:
    """The literal of a cell as CEL writes it."""
    text = text.strip()
    value = plain(literal(text))
    if text.startswith("date("):
        return f'timestamp("{value}")'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)
