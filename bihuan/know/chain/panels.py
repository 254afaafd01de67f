"""The decision chain on the account page: a graph, what is missing, and who is silent."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import actor_of
from bihuan.base.ui import Chart, Panel, register_panel
from bihuan.base.ui.formats import number
from bihuan.know.chain.models import ChainMember, ChainRole
from bihuan.know.chain.queries import link_of, members_of
from bihuan.know.chain.rules import ROLES_TO_COVER, chain_state

COLUMN = {
    "user": 0,
    "evaluator": 1,
    "influencer": 1,
    "budget_holder": 2,
    "blocker": 2,
    "decision_maker": 3,
    "signer": 3,
}
SYMBOLS = {2: "circle", 1: "circle", 0: "emptyCircle", -1: "diamond", -2: "triangle"}


@register_panel
class ChainPanel(Panel):
    """Who uses, evaluates, pays, decides and signs."""

    name = "chain"
    title = gettext_lazy("Decision chain")
    permission = "chain.view"
    area = "side"
    size = "l"
    order = 10

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """The graph with a table beside it; roles that nobody fills are named."""
        today = timezone.localdate()
        members = members_of(account=subject)
        state = chain_state([link_of(member) for member in members], on=today)
        roles = dict(ChainRole.choices)
        context = {
            "account": subject,
            "members": [(member, link_of(member).silent_days(on=today)) for member in members],
            "state": state,
            "covered": len(state.covered),
            "roles": len(ROLES_TO_COVER),
            "missing": [roles[role] for role in state.missing],
            "chart": graph(members) if members else None,
            "may_edit": actor_of(request).may("chain.edit"),
        }
        return render_to_string("chain/panel.html", context, request=request)


def graph(members: list[ChainMember]) -> Chart:
    """People as dots, from use at the left to signature at the right; the bigger, the more influence."""
    roles = dict(ChainRole.choices)
    heights: dict[int, int] = {}
    nodes: list[dict[str, Any]] = []
    links: list[dict[str, str]] = []
    people: dict[int, dict[str, Any]] = {}
    for member in members:
        node = people.get(member.person_id)
        label = f"{roles[member.role]}"
        if node is not None:
            node["label"]["formatter"] += f"\n{label}"
            continue
        column = COLUMN[member.role]
        heights[column] = heights.get(column, 0) + 1
        node = {
            "id": str(member.person_id),
            "name": str(member.person),
            "value": [column, -heights[column] + (0.5 if column % 2 else 0)],
            "symbol": SYMBOLS[member.stance],
            "symbolSize": 12 + 8 * member.influence,
            "label": {"show": True, "position": "bottom", "formatter": f"{member.person}\n{label}"},
        }
        people[member.person_id] = node
        nodes.append(node)
    deciders = [m for m in members if m.role in ("decision_maker", "signer")]
    for member in members:
        for decider in deciders:
            if member.person_id != decider.person_id and COLUMN[member.role] < COLUMN[decider.role]:
                links.append({"source": str(member.person_id), "target": str(decider.person_id)})
    option = {
        "grid": {"left": 30, "right": 40, "top": 24, "bottom": 24},
        "xAxis": {"type": "value", "show": False, "min": -0.3, "max": 3.3},
        "yAxis": {"type": "value", "show": False, "min": -max(heights.values()) - 0.6, "max": -0.2},
        "series": [{"type": "graph", "coordinateSystem": "cartesian2d", "data": nodes, "links": links,
                    "edgeSymbol": ["none", "arrow"], "edgeSymbolSize": 6}],
    }  # fmt: skip
    rows = [[str(m.person), roles[m.role], number(m.stance), m.influence] for m in members]
    columns = [_("Person"), _("Role"), _("Stance"), _("Influence")]
    return Chart(title=_("Decision chain"), option=option, columns=columns, rows=rows, size="m")
