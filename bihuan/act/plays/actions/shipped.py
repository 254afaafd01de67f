"""The twelve plays that ship, off until somebody switches them on. Edit them in the UI, not here."""

from decimal import Decimal
from typing import Any

ASKED, AUTOMATIC = "asked", "automatic"
FEW_FEATURES = "m.features <= 3.0 && (account.stage == 'adoption' || account.stage == 'value')"
IDLE_SEATS = "m.seats_active < 0.5 && account.stage != 'lost' && account.stage != 'onboarding'"


def _play(
    key: str, names: tuple[str, str], about: tuple[str, str], *, trigger: dict[str, Any],
        audience: str, steps: list[dict[str, Any]],
    goal: dict[str, Any], window: int, rest: int, minutes: dict[str, int], effect: str, worth: str, mode: str = ASKED,
    aim: str = "keep",
) -> dict[str, Any]:  # fmt: skip
    return {
        "key": key, "name": names[0], "name_zh": names[1], "about": about[0], "about_zh": about[1], "trigger": trigger,
        "audience": audience, "steps": steps, "goal": goal, "window": window, "rest": rest, "minutes": minutes,
        "assumed_effect": Decimal(effect), "worth": Decimal(worth), "mode": mode, "aim": aim,
    }  # fmt: skip


def _task(title: str, zh: str, *, after: int = 0, kind: str = "task") -> dict[str, Any]:
    return {"kind": kind, "title": title, "title_zh": zh, "after": after}


def _letter(
    title: str,
    zh: str,
    text: str,
    text_zh: str,
    *,
    channel: str = "email",
    to: str = "deciders",
    after: int = 0,
) -> dict[str, Any]:
    return {"kind": "message", "channel": channel, "to": to, "title": title, "title_zh": zh, "text": text, "text_zh": text_zh,
            "after": after}  # fmt: skip


def _signal(*keys: str, least: str = "info") -> dict[str, Any]:
    return {"kind": "signal", "signals": list(keys), "least": least}


SHIPPED: tuple[dict[str, Any], ...] = (
    _play(
        "onboarding_stall", ("Onboarding stalls", "启用停滞"),
        ("New customers who do not get going: find out what is in the way.",
            "新客户迟迟没有用起来：找出卡点并带他们走通第一步。"),
        trigger={"kind": "segment", "segment": "account.stage == 'onboarding' && m.active_people < 3.0"},
        audience="account.stage == 'onboarding' && m.active_people < 3.0",
        steps=[
            _letter("Shall we set it up together?", "我们一起把它用起来？",
                    "Dear {{ person.name }}, half an hour with us gets {{ account.name }} going. When does it suit?",
                    "{{ person.name }}，您好！我们用半小时陪 {{ account.name }} 走通第一步，您看哪天方便？"),
            _task("Call: what is in the way of getting going?", "致电了解启用卡点", after=2),
        ],
        goal={"rule": "m.active_people >= 5.0", "title": "Five people at work", "title_zh": "五人活跃"},
        window=30, rest=60, minutes={"operator": 40}, effect="0.08", worth="0.3",
    ),
    _play(
        "seat_activation", ("Seats lie idle", "席位激活"),
        ("Customers who use less than half of what they bought.", "席位使用不足一半的客户：让买下的用起来。"),
        trigger={"kind": "segment", "segment": IDLE_SEATS},
        audience=IDLE_SEATS,
        steps=[
            _letter("Your colleagues can start today", "您的同事今天就能开始用",
                    "Several of your seats wait for a colleague. Tell us whom to invite, and we show them how it goes.",
                    "贵司还有席位未启用。告诉我们邀请谁，我们来带他们上手。", channel="in_app"),
            _task("Agree whom to invite and when", "确认邀请名单与时间", after=3),
        ],
        goal={"rule": "m.seats_active >= 0.6", "title": "Six of ten seats at work", "title_zh": "席位激活率达 60%"},
        window=45, rest=120, minutes={"operator": 30}, effect="0.06", worth="0.15",
    ),
    _play(
        "champion_change", ("A key person leaves", "关键人变动"),
        ("Whoever spoke for us is gone: meet the successor before somebody else does.",
            "支持我们的关键人离开：尽快认识接任者。"),
        trigger=_signal("key_person_left", "champion_silent"),
        audience="account.stage != 'lost' && (m.key_people_left >= 1.0 || m.champion_silent_days >= 30.0)",
        steps=[
            _task("Find out who follows, and complete the decision chain", "确认接任者并补全决策链"),
            _task("Visit the successor", "拜访接任者", after=5, kind="visit"),
        ],
        # Whoever left may have been spoken with yesterday: that is no champion any more.
        goal={"rule": "m.champion_silent_days < 14.0 && m.key_people_left < 1.0", "title": "A champion in touch again",
            "title_zh": "重新与支持者建立联系"},
        window=45, rest=90, minutes={"sales": 120}, effect="0.10", worth="0.4",
    ),
    _play(
        "usage_fall", ("Use falls", "使用下降"),
        ("Use fell against its own past: ask why, show the quickest way back.",
            "使用量较自身下降：了解原因，给出最快的恢复办法。"),
        trigger=_signal("usage_fell", "no_use"),
        # What the signals themselves look at: a trend over three months is unknown of a customer of two.
        audience="account.stage != 'lost' && (m.usage_month < 0.0 || m.days_silent >= 21.0)",
        steps=[
            _task("Call: what changed?", "致电了解变化原因"),
            _letter("What your colleagues miss", "您的团队可能错过的功能",
                    "We saw that you work with us less. Is something in the way? A short answer is enough.",
                    "我们注意到贵司近期使用减少。是否遇到了困难？回复一句话即可。", after=2),
        ],
        goal={"rule": "m.usage_month >= 0.0", "title": "Use no longer falls", "title_zh": "使用量止跌回升"},
        window=45, rest=60, minutes={"operator": 45}, effect="0.08", worth="0.3",
    ),
    _play(
        "feature_adoption", ("Few features in use", "功能采用"),
        ("Customers who use a corner of the product only.", "只用到少数功能的客户：推荐最合适的下一个。"),
        trigger={"kind": "segment", "segment": FEW_FEATURES},
        audience=FEW_FEATURES,
        steps=[_letter("One thing more that saves you time", "再用一个功能，省下更多时间",
                       "Others in {{ account.industry }} begin with reports. Two minutes show how.",
                       "{{ account.industry }} 行业的客户通常从报表开始，两分钟即可上手。", channel="in_app", to="everybody")],
        goal={"rule": "m.features >= 5.0", "title": "Five features in use", "title_zh": "使用功能达到五个"},
        window=30, rest=90, minutes={"operator": 5}, effect="0.04", worth="0.1", mode=AUTOMATIC,
    ),
    _play(
        "renewal", ("Renewal in 120, 90, 60, 30 days", "续约（120/90/60/30 天）"),
        ("The end of a contract comes near: value shown, people met, offer made.",
            "合同临近到期：呈现价值、见到决策人、给出方案。"),
        trigger={"kind": "date", "measure": "days_to_renewal", "days": [120, 90, 60, 30]},
        audience="m.days_to_renewal <= 120.0 && account.stage != 'lost'",
        steps=[
            _task("Prepare what we brought them, and who decides", "准备价值回顾，确认决策人"),
            _task("Talk about the renewal", "续约沟通", after=7, kind="visit"),
        ],
        goal={"rule": "m.days_to_renewal > 150.0", "title": "Renewed", "title_zh": "已续约"},
        window=150, rest=20, minutes={"sales": 90}, effect="0.06", worth="0.9",
    ),
    _play(
        "payment_late", ("Payment late", "付款逾期"),
        ("A payment is late: ask kindly, find out whether it is more than that.", "付款逾期：礼貌提醒，并弄清背后原因。"),
        trigger=_signal("payment_late"), audience="account.stage != 'lost'",
        steps=[_task("Ask the buyer: a matter of form, or of content?", "询问采购：流程问题还是满意度问题")],
        goal={"event": ["payment_received", "invoice_paid"], "title": "Paid", "title_zh": "已付款"},
        window=30, rest=30, minutes={"sales": 20}, effect="0.10", worth="0.1",
    ),
    _play(
        "low_satisfaction", ("Low satisfaction", "满意度低"),
        ("They told us that they are not content: answer within a day.", "客户给了低分：一个工作日内回应。"),
        trigger={"kind": "segment", "segment": "m.satisfaction < 3.0 && account.stage != 'lost'"},
        audience="m.satisfaction < 3.0 && account.stage != 'lost'",
        steps=[
            _task("Call, listen, promise what can be kept", "致电倾听，承诺能兑现的事"),
            _task("Mend what was named", "解决客户指出的问题", kind="ticket"),
        ],
        goal={"rule": "m.satisfaction >= 4.0", "title": "Content again", "title_zh": "满意度回升"},
        window=60, rest=60, minutes={"service": 60}, effect="0.10", worth="0.3",
    ),
    _play(
        "expansion", ("Room to grow", "增购机会"),
        ("Seats nearly all in use and use on the rise: offer more.", "席位将满、使用上升：适时提出增购。"),
        trigger={"kind": "segment", "segment": "m.seats_active >= 0.85 && m.usage_trend > 0.0 && account.stage == 'value'"},
        audience="m.seats_active >= 0.85 && m.usage_trend > 0.0 && account.stage == 'value'",
        steps=[_task("Offer more seats, with what they save", "提出增购方案，说明收益")],
        goal={"rule": "m.mrr_change > 0.05", "title": "Revenue grew by 5 %", "title_zh": "收入增长 5%"},
        window=90, rest=180, minutes={"sales": 60}, effect="0.08", worth="0.25", aim="gain",
    ),
    _play(
        "dormant_revival", ("Dormant customers", "沉睡唤醒"),
        ("No use for a month, and still a contract.", "一个月没有使用，但合同仍在。"),
        trigger={"kind": "segment", "segment": "m.days_silent >= 30.0 && account.stage != 'lost'"},
        audience="m.days_silent >= 30.0 && account.stage != 'lost'",
        steps=[
            _letter("We miss you", "好久不见",
                "What would have to be different, so that {{ account.name }} works with us again?",
                    "{{ account.name }} 已有一段时间没有使用。怎样调整，您会愿意重新用起来？"),
            _task("Call: do they still need us?", "致电确认是否仍有需要", after=4),
        ],
        goal={"rule": "m.days_silent < 7.0", "title": "In use again", "title_zh": "恢复使用"},
        window=30, rest=90, minutes={"operator": 25}, effect="0.06", worth="0.3",
    ),
    _play(
        "advocate", ("Advocates invited", "标杆客户邀请"),
        ("Content customers with long standing: ask for a case, a reference or a talk.",
            "长期满意的客户：邀请共创案例或分享。"),
        trigger={"kind": "segment", "segment": "m.satisfaction >= 4.5 && m.contract_year >= 2.0 && account.stage == 'value'"},
        audience="m.satisfaction >= 4.5 && m.contract_year >= 2.0 && account.stage == 'value'",
        steps=[
            _letter("May we tell your story?", "邀请您分享使用心得",
                    "Others could learn from how {{ account.name }} works. May we write it down together?",
                    "{{ account.name }} 的做法值得更多同行借鉴，能否邀请您一起写成案例？"),
            _task("Talk about the case", "沟通案例合作", after=5),
        ],
        goal={"rule": "m.mrr_change > 0.0", "title": "Revenue grew", "title_zh": "收入增长"},
        window=120, rest=365, minutes={"marketer": 60}, effect="0.03", worth="0.1", aim="gain",
    ),
    _play(
        "training_refresh", ("Training refreshed", "复训"),
        ("Many questions, few features: teach again what is forgotten.", "问题多、用得浅：再培训一次。"),
        trigger={"kind": "segment", "segment": "m.open_tickets >= 3.0 && account.stage != 'lost'"},
        audience="m.open_tickets >= 3.0 && account.stage != 'lost'",
        steps=[_task("Refresher for those who ask most", "面向提问最多的同事复训", kind="training")],
        goal={"rule": "m.open_tickets < 2.0", "title": "Fewer than two open tickets", "title_zh": "未结工单少于两个"},
        window=45, rest=120, minutes={"service": 120}, effect="0.05", worth="0.15",
    ),
)  # fmt: skip
