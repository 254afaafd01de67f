"""Plainly invented names: two nature characters that no real firm is built from, and a trade word."""

from .arrays import Ints, Rng

FIRST = tuple("霁岚汀苔芷萤鹭砚笺榆槐蘅萱泠湄棠梧筠荻蓼瀚澹峤岫峦珩琮瑀璟暄昀晞晔朔望弦")
SECOND = tuple("杉月汐石桥舟烟雨雪笛松竹溪谷川原野渡云霞露霜星河沙洲帆鹤雁鹿蝉萝藤蕉枫柏")
TRADES: dict[str, tuple[str, ...]] = {
    "制造": ("精工", "机电", "重工", "部件"),
    "零售": ("百货", "商贸", "优选", "生鲜"),
    "物流": ("物流", "供应链", "仓储", "速运"),
    "医疗": ("医疗", "康养", "诊断", "器械"),
    "教育": ("教育", "学堂", "培训", "书院"),
    "金融": ("金服", "保理", "租赁", "征信"),
    "能源": ("能源", "电力", "储能", "新材"),
    "建筑": ("建设", "建材", "设计院", "置业"),
    "互联网": ("网络", "软件", "数据", "智能"),
    "文旅": ("文旅", "酒店", "传媒", "航旅"),
}
INDUSTRIES = tuple(TRADES)
TITLES = (
    "总经理",
    "副总经理",
    "信息部经理",
    "业务主管",
    "项目经理",
    "财务主管",
    "采购主管",
    "专员",
    "工程师",
    "分析师",
)
GIVEN = tuple("一二三四五六七八九十百千")
MARK = "（模拟）"

SUBJECTS = {
    "presale": ("试用名额咨询", "功能对比咨询", "报价咨询", "私有部署咨询"),
    "account": ("发票信息变更", "增加席位", "合同盖章进度", "账号转移", "对账差异"),
    "technical": ("登录失败", "报表数据不一致", "导入卡住", "接口返回超时", "移动端闪退", "权限设置不生效"),
}


def company_names(*, rng: Rng, industries: Ints, count: int) -> list[str]:
    """`count` different short names, such as 霁舟精工, each with a trade word of its industry."""
    pairs = rng.permutation(len(FIRST) * len(SECOND))
    trade = rng.integers(0, 4, size=count)
    names: list[str] = []
    used: set[str] = set()
    for n in range(count):
        pair = int(pairs[n % len(pairs)])
        stem = FIRST[pair // len(SECOND)] + SECOND[pair % len(SECOND)]
        words = TRADES[INDUSTRIES[int(industries[n])]]
        name = next(
            (candidate for k in range(4) if (candidate := stem + words[(int(trade[n]) + k) % 4]) not in used),
            f"{stem}{words[0]}{n}",
        )
        used.add(name)
        names.append(name)
    return names


def person_names(*, rng: Rng, count: int) -> list[str]:
    """Names such as 霁溪七: nobody is called that."""
    first = rng.integers(0, len(FIRST), size=count)
    second = rng.integers(0, len(SECOND), size=count)
    third = rng.integers(0, len(GIVEN), size=count)
    return [
        FIRST[a] + SECOND[b] + GIVEN[c]
        for a, b, c in zip(first.tolist(), second.tolist(), third.tolist(), strict=True)
    ]
