"""The vendor's own side: regions, teams, staff (one to sign in as per role), products."""

from typing import Any

Row = dict[str, Any]

REGIONS: tuple[tuple[str, str, float, tuple[str, ...]], ...] = (
    ("north", "华北", 0.20, ("北京", "天津", "石家庄", "太原")),
    ("east", "华东", 0.30, ("上海", "杭州", "南京", "苏州", "合肥")),
    ("south", "华南", 0.19, ("广州", "深圳", "厦门", "佛山")),
    ("central", "华中", 0.11, ("武汉", "长沙", "郑州")),
    ("southwest", "西南", 0.10, ("成都", "重庆", "昆明")),
    ("northwest", "西北", 0.05, ("西安", "兰州", "银川")),
    ("northeast", "东北", 0.05, ("沈阳", "大连", "长春")),
)
REGION_CODES = tuple(code for code, *_ in REGIONS)

TEAMS: tuple[tuple[str, str], ...] = (
    ("north", "北区客户组"),
    ("east", "东区客户组"),
    ("south", "南区客户组"),
    ("platform", "平台运营组"),
)
TEAM_OF_REGION = {
    "north": "north",
    "northeast": "north",
    "northwest": "north",
    "east": "east",
    "central": "east",
    "south": "south",
    "southwest": "south",
}

# code, name, list price per seat and month in CNY
PRODUCTS: tuple[tuple[str, str, int], ...] = (
    ("flow", "流云协作", 96),
    ("lens", "明镜分析", 58),
    ("gate", "连山开放平台", 34),
)

NORTH = ("north", "northeast", "northwest")

# key, name, title, roles, reach, team, regions
STAFF: tuple[tuple[str, str, str, tuple[str, ...], str, str, tuple[str, ...]], ...] = (
    ("admin", "管一舟", "系统管理员", ("admin",), "all", "platform", ()),
    ("manager", "经一帆", "运营总监", ("manager",), "all", "platform", ()),
    ("operator", "营一禾", "客户运营（东区）", ("operator",), "team", "east", ("east", "central")),
    ("sales", "销一南", "客户经理（华南）", ("sales",), "region", "south", ("south",)),
    ("service", "服一心", "客服主管", ("service",), "all", "platform", ()),
    ("marketer", "市一声", "市场运营", ("marketer",), "all", "platform", ()),
    ("analyst", "析一清", "数据分析师", ("analyst",), "all", "platform", ()),
    ("partner", "伴一程", "服务商顾问", ("partner",), "own", "south", ()),
    ("sales-north", "销二北", "客户经理（北区）", ("sales",), "region", "north", NORTH),
    ("sales-east", "销三东", "客户经理（华东）", ("sales",), "region", "east", ("east",)),
    (
        "sales-central",
        "销四中",
        "客户经理（华中、西南）",
        ("sales",),
        "region",
        "south",
        ("central", "southwest"),
    ),
    ("operator-north", "营二松", "客户运营（北区）", ("operator",), "team", "north", NORTH),
    ("operator-south", "营三榕", "客户运营（南区）", ("operator",), "team", "south", ("south", "southwest")),
    ("service-2", "服二安", "客服工程师", ("service",), "all", "platform", ()),
)
SALES_OF_REGION = {
    "north": "sales-north",
    "northeast": "sales-north",
    "northwest": "sales-north",
    "east": "sales-east",
    "central": "sales-central",
    "southwest": "sales-central",
    "south": "sales",
}
OPERATOR_OF_TEAM = {"north": "operator-north", "east": "operator", "south": "operator-south"}


def regions() -> list[Row]:
    """Rows of the noun `regions`."""
    return [{"code": code, "name": name} for code, name, *_ in REGIONS]


def teams() -> list[Row]:
    """Rows of the noun `teams`."""
    return [{"code": code, "name": name} for code, name in TEAMS]


def staff() -> list[Row]:
    """Rows of the noun `staff`."""
    return [
        {
            "key": key,
            "username": key,
            "name": name,
            "email": f"{key}@bihuan.example",
            "title": title,
            "roles": ",".join(roles),
            "reach": reach,
            "team_code": team,
            "region_codes": ",".join(areas),
        }
        for key, name, title, roles, reach, team, areas in STAFF
    ]


def products() -> list[Row]:
    """Rows of the noun `products`."""
    return [{"code": code, "name": name} for code, name, _ in PRODUCTS]
