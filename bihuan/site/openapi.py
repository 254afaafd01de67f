"""What every operation of the API has in common in its description: the answers to a wrong request, and examples."""

from typing import Any

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong, as RFC 9457 writes it; `errors` names the fields of a refused request.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
#: status → name of the shared answer, what it says, an example of its detail.
ANSWERS = {
    "400": ("BadRequest", "The request cannot be read.", "The body is not JSON."),
    "401": ("NoKey", "No valid API token.", "Send the header 'Authorization: Bearer <API token>'."),
    "403": (
        "Refused",
        "The token does not carry the permission.",
        "This needs the permission 'tickets.edit'.",
    ),
    "404": ("NotFound", "Unknown, or outside the territory.", "There is nothing here."),
    "422": (
        "Unprocessable",
        "A value does not fit; `errors` names it.",
        "tier: Value 'X' is not a valid choice.",
    ),
    "503": (
        "NotNow",
        "The events cannot be read at the moment; try again after `Retry-After` seconds.",
        "Try again.",
    ),
}
TITLES = {"400": "Bad Request", "401": "Unauthorized", "403": "Forbidden", "404": "Not Found",
          "422": "Unprocessable Entity", "503": "Service Unavailable"}  # fmt: skip
EXAMPLES: dict[str, dict[str, Any]] = {
    "AccountIn": {"name": "云杉仪器", "key": "yunshan", "industry": "制造", "tier": "S", "stage": "value",
                  "size": 1200, "region_code": "south", "signed_up_on": "2024-03-01"},
    "WarningSettingsIn": {"capacity": 5, "horizon": 90, "contraction": 30},
    "AccountPatch": {"tier": "A", "size": 1350},
    "LogQuery": {"question": {"unit": "props.case", "period": {"from": "2010-01-01", "to": "2014-12-31"}}},
    "SimulationIn": {"step": "check", "people": 1},
    "PlanIn": {"events": [{"name": "report_opened", "state": "live",
                           "properties": [{"name": "pages", "type": "number", "required": True}]}]},
    "EffortIn": {"unit": "person", "weights": [1, 1], "effect": 0.02, "arrival": "form_opened",
                 "metric": {"event": "subscribe", "within": "14d"}},
    "PlanLineIn": {"account_id": 1, "play_id": 1, "person_id": 1},
    "PlanLineChange": {"locked": True},
    "WithoutIn": {"person_id": 1},
    "HandleIn": {"note": "Called them; the new owner takes over"},
    "DismissIn": {"reason": "A public holiday"},
    "StageIn": {"stage": "decline", "reason": "It is not sold any more from March on"},
    "AnnotationIn": {"title": "版本 3.2 上线", "kind": "release", "first_on": "2026-11-02"},
    "AnnotationPatch": {"title": "版本 3.2.1 上线"},
    "CalendarIn": {"key": "north", "name": "华北", "definition": {"hours": ["09:00-12:00", "13:00-18:00"], "holidays": "CN"}},
    "CalendarPatch": {"name": "华北服务"},
    "VersionIn": {"valid_from": "2027-01-01", "definition": {"hours": {"mon": ["10:00-16:00"]}, "holidays": "CN"}},
    "UseIn": {"calendar_id": 1, "role": "service"},
    "CalendarChoice": {"calendar_id": 1},
    "LimitsBody": {"response": 60, "resolution": 480},
    "ProcessIn": {"key": "customer_visit", "name": "Customer visit", "xml": "<definitions>…</definitions>"},
    "DraftIn": {"xml": "<definitions>…</definitions>", "note": "Every offer is signed"},
    "ListedIn": {"steps": [
        {"id": "review", "name": {"text": "Review the use", "zh": "回顾使用"}, "work": {"role": "operator", "limit": "3d"},
         "fields": [{"name": "good", "title": {"text": "It is used well", "zh": "使用良好"}, "kind": "yesno"}],
         "ways": [{"when": "!good", "to": "review"}]},
        {"id": "offer", "name": {"text": "Make the offer", "zh": "出方案"}, "work": {"role": "sales", "assign": "owner"}},
    ]},
    "PublishIn": {"note": "Every offer is signed"},
    "AskIn": {"values": {"customers": 12, "value": 240000}},
    "StartIn": {"process": "renewal", "account_id": 7, "key": "contract-4711", "values": {"contract": "4711", "value": 48000}},
    "ChannelIn": {"kind": "wecom", "name": "客户成功群", "token": "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"},
    "ChannelPatch": {"name": "客户成功群", "active": False},
    "MessageTemplateIn": {
        "name": "续约提醒", "kinds": ["in_app", "email"], "subject_zh": "{{ person.name }}，合同快到期了",
        "body_zh": "{{ account.name }} 的合同还有 {{ data.days_left }} 天到期。", "link": "https://app.example.com/renew",
        "link_zh": "去续约", "shows": "banner",
    },
    "ReachMessageIn": {"key": "renewal-4711", "channel_id": 1, "template_id": 1, "person_id": 7, "data": {"days_left": "30"}},
    "AudienceIn": {"channel_id": 1, "template_id": 1, "stage": "renewal", "segment": "account.size > 500"},
    "MailingIn": {"channel_id": 1, "template_id": 1, "stage": "renewal", "key": "2026-11-release"},
    "OptOutIn": {"person_id": 7, "kind": "email"},
    "ReachLimitsBody": {"person_week": 3, "account_week": 20, "business_hours": True, "count_opens": False},
    "WebhookIn": {"name": "ERP", "url": "https://erp.example.com/hooks/bihuan", "facts": ["process_started", "step_done"]},
    "WebhookPatch": {"active": False},
    "CommentIn": {"text": "@song please call them"},
    "LinkIn": {"name": "Lin, Yunshan"},
    "AbsenceIn": {"first_day": "2026-12-07", "last_day": "2026-12-11", "deputy_id": 3, "note": "annual leave"},
    "AbsencePatch": {"last_day": "2026-12-14"},
    "ReasonIn": {"reason": "The customer is on leave"},
    "InstanceVersionIn": {"version": 2},
    "AddIn": {"name": "Ask the lawyer", "role": "manager", "reason": "A clause that is not ours"},
    "AheadIn": {"element": "check", "reason": "Everybody is here today"},
    "CompleteIn": {"values": {"amount": 1200}},
    "DelegateIn": {"to_id": 3, "note": "I am away this week"},
    "ReassignIn": {"role": "manager", "reason": "She knows the customer"},
    "VoteIn": {"approved": True},
    "TickIn": {"done": True},
    "NoteIn": {"note": "I am away this week"},
    "MessageIn": {"name": "payment_received", "key": "acme", "values": {"amount": 1200}, "once": "bank-2026-11-24-17"},
    "SignalIn": {"name": "month_closed"},
    "PersonIn": {"name": "林云", "email": "lin@yunshan.example", "title": "信息部经理", "starts_on": "2024-03-01"},
    "FollowUpIn": {"kind": "task", "text": "Call about the seats", "assignee_id": 7, "due_on": "2026-12-01"},
    "MemberIn": {"person_id": 12, "role": "decision_maker", "stance": 1, "influence": 3,
                 "last_contact_on": "2026-11-02"},
    "OverrideIn": {"score": 30, "reason": "A takeover was announced", "expires_on": "2026-12-31"},
    "ModelIn": {"note": "Silence weighs more", "document": {
        "minimum_coverage": 50,
        "bands": [{"name": "red", "from": 0}, {"name": "amber", "from": 40}, {"name": "green", "from": 70}],
        "measures": [{"measure": "days_silent", "weight": 10, "higher_is_better": False, "curve": [[1, 100], [45, 0]]}],
        "floors": [{"when": "m.days_silent > 30.0", "cap": 35, "reason": "No use for more than 30 days"}],
    }},
    "ContractIn": {"account_id": 3, "name": "主合同", "starts_on": "2025-01-10", "ends_on": "2027-01-09",
                   "billing": "yearly", "lines": [{"name": "Pro", "seats": 100, "mrr": "40000.00"}]},
    "ContractPatch": {"auto_renew": True},
    "StaffIn": {"name": "林经理", "username": "lin", "roles": ["sales"], "reach": "region", "region_codes": ["south"]},
    "StaffPatch": {"roles": ["sales", "manager"]},
    "RegionIn": {"code": "hn", "name": "华南", "parent_code": "cn"},
    "RegionPatch": {"name": "华南大区"},
    "TeamIn": {"code": "ka", "name": "大客户组"},
    "TeamPatch": {"name": "大客户一组"},
    "ProductIn": {"name": "云台", "code": "yuntai"},
    "ProductPatch": {"name": "云台企业版"},
    "OwnerTeam": {"members": [{"staff_id": 7, "role": "sales", "is_owner": True}]},
    "PersonPatch": {"title": "信息部总监"},
    "ErasureIn": {"reason": "Asked by the person on 2026-11-20"},
    "MembershipEnd": {"ends_on": "2026-11-30"},
    "LineMore": {"name": "Pro", "seats": 20, "mrr": "8000.00", "starts_on": "2026-12-01"},
    "LinePatch": {"seats": 120},
    "TicketIn": {"account_id": 3, "subject": "报表为空", "family": "technical", "priority": "high"},
    "TicketPatch": {"priority": "urgent"},
    "ExperimentIn": {"key": "new-form", "name": "新表单", "unit": "account", "method": "sequential", "planned": 400,
                     "variants": [{"name": "control", "weight": 1}, {"name": "new", "weight": 1}],
                     "metrics": [{"name": "subscribed", "kind": "conversion", "event": "subscribe", "within": "14d"},
                                 {"name": "tickets", "kind": "mean", "event": "ticket_opened", "guard": True,
                                  "higher_is_better": False}]},
    "ExperimentPatch": {"hypothesis": "更短的表单带来更多订阅"},
    "StopIn": {"chosen": "new"},
    "MetricIn": {"title": "人均订单", "definition": "周期内订单数除以活跃人员数。", "formula": "orders / active_people_total"},
    "TargetIn": {"value": 1200000, "from_day": "2026-12-01", "note": "年度计划"},
    "AlertIn": {"metric": "mrr_total", "rule": "threshold", "below": 1000000, "cooldown_days": 7},
    "TierGridIn": {"columns": ["m.mrr", "m.potential"], "note": "年度调整",
                   "rows": [{"cells": [">= 40000", "-"], "tier": "S", "note": "大额收入"},
                            {"cells": [">= 5000", ">= 80"], "tier": "A"}, {"cells": ["-", "-"], "tier": "C"}]},
    "TierExceptionIn": {"tier": "A", "reason": "标杆客户", "expires_on": "2027-03-31"},
    "AccountScoresIn": {"potential": 80, "strategy_fit": 60, "brand": 40},
    "ServicePolicyIn": {"touch_days": 10, "touch_minutes": 45},
    "CapacityIn": {"minutes": 1200},
    "SignalKindIn": {"key": "people_leave", "title": "活跃人员减少", "about": "account", "against": 28,
                     "rule": "before.active_people >= 5.0 && m.active_people < 0.8 * before.active_people",
                     "sentence": "活跃人员 {m.active_people} 人，此前 {before.active_people} 人。", "severity": "warning",
                     "cooldown": 14, "owner_rule": "owner"},
    "SignalRuleIn": {"about": "account", "rule": "behaviour.exports == 0.0 && before.exports >= 5.0", "against": 28,
                     "behaviour": {"exports": {"event": "report_exported", "last": "28d"}},
                     "sentence": "近 28 天未导出，此前 {before.exports} 次。"},
    "SignalKindPatch": {"severity": "critical", "cooldown": 30},
    "PlayIn": {"key": "exports_stop", "name": "Exports stop", "name_zh": "停止导出",
               "trigger": {"kind": "signal", "signals": ["usage_fell"]},
               "steps": [{"kind": "task", "title": "Call them", "title_zh": "致电了解原因"}], "hold_out": 10,
               "goal": {"event": "report_exported"}, "window": 30, "minutes": {"operator": 20}},
    "PlayPatch": {"hold_out": 20, "window": 45},
    "PlaySwitchIn": {"on": True},
    "PlayRunIn": {"play": "usage_fall", "account_id": 3, "origin": "visit-2026-11-24"},
    "PlayDeclineIn": {"reason": "We spoke yesterday"},
    "PlayWordsIn": {"subject": "上周的会议", "text": "{{ person.name }}，您好！上周谈到的报表已经就绪。"},
    "PlayMinutesIn": {"minutes": 25},
    "SegmentIn": {"key": "unused-seats", "title": "席位闲置", "unit": "account",
                  "rule": 'account.tier == "S" && behaviour.exports < 3',
                  "behaviour": {"exports": {"event": "report_exported", "last": "28d", "count": "events"}}},
    "ListIn": {"key": "autumn-visits", "title": "秋季拜访名单", "unit": "account", "members": [3, 7, 12]},
    "SegmentPatch": {"title": "席位闲置（S 级）"},
    "FreezeIn": {"key": "unused-seats-november", "title": "席位闲置，11 月"},
    "KeepIn": {"key": "dropped-out", "title": "试用后流失",
               "question": {"kind": "funnel", "unit": "account", "steps": ["trial_started", "order_paid"],
                            "list": {"dropped_after": 1}}},
    "QuestionIn": {"title": "每周活跃人员", "text": "kind: trend\nmeasure: people\nevery: week\n", "shared": True},
    "QuestionPatch": {"shared": True},
    "DashboardIn": {"title": "上线期", "shared": True, "last_days": 84, "tiles": [{"question_id": 1, "width": 6}]},
}  # fmt: skip


def complete(schema: dict[str, Any]) -> None:
    """Put the shared answers into every operation, and an example into every request body."""
    parts = schema.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = PROBLEM
    parts["responses"] = {
        name: _answer(status, what, detail) for status, (name, what, detail) in ANSWERS.items()
    }
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for status, (name, _what, _detail) in ANSWERS.items():
                if status != "404" or "{" in path or method != "get":
                    operation["responses"].setdefault(status, {"$ref": f"#/components/responses/{name}"})
            for content in operation.get("requestBody", {}).get("content", {}).values():
                name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
                if name in EXAMPLES:
                    content.setdefault("example", EXAMPLES[name])


def _answer(status: str, what: str, detail: str) -> dict[str, Any]:
    """A shared answer; `status` is the HTTP code."""
    example = {"type": "about:blank", "title": TITLES[status], "status": int(status), "detail": detail}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    return {"description": what, "content": {"application/problem+json": content}}
