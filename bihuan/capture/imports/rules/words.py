"""What columns are called in the files of companies, in Chinese and English: heading words of each field of each noun, words
in the names of files, and how files write the choices. A draft of a mapping looks here; a new noun adds its words.

The tables are text: a name, a colon, words; a line that is indented further goes on. `@part` is every word of that part,
`@part+id` every word of the part followed by one of the other.
"""

import re
import unicodedata
from collections.abc import Mapping
from itertools import product

Words = tuple[str, ...]

PARTS = """
account: 客户 公司 企业 单位 租户 account customer company client organization organisation tenant
person: 用户 人员 联系人 使用者 成员 person user contact people member lead
staff: 员工 同事 staff employee agent colleague
contract: 合同 订单 订阅 合同行 明细 contract order subscription agreement deal contractline line
ticket: 工单 服务单 问题 请求 ticket case issue request incident
goods: 产品 商品 product
id: 编号 编码 代码 号 号码 id key code no number num ref
name: 名称 名 全称 姓名 name fullname
from: 开始 生效 起始 start starts begin from effective
to: 结束 到期 截止 终止 end ends expiry expiration expires to until renewal
day: 日期 日 时间 date on day at time
subject: 标题 主题 名称
account_name: @account+name @account 客户简称 甲方 甲方名称 购买方 所属客户 所属公司 签约客户 签约主体
of_account: @account+id @account_name
person_key: @person+id @person uid 账号 登录名 操作人 distinctid username openid
asker: 提交人 报障人 requester reporter submitter
starts: @from+day 开始于 合同开始日期 生效日 服务开始 startson contractstart subscriptionstart 起始日
ends: @to+day 合同到期日 合同结束日期 到期 服务到期 endson contractend subscriptionend 有效期至 churndate
opened: 工单创建 创建 提交 提单 报障 建单 opened created submitted open creation reported
answered: 首次响应 首次回复 首响 响应 firstresponse firstreply responded firstanswer
resolved: 解决 关闭 完成 关单 结单 resolved solved closed completed resolution
email: email mail emailaddress 邮箱 电子邮箱 邮件 电子邮件 邮箱地址
phone: phone mobile tel telephone phonenumber 手机 手机号 手机号码 电话 联系电话 联系方式
title: title jobtitle position 职务 职位 岗位 头衔
area: region area territory 区域 大区 地区 销售区域 所属区域
product_code: @goods+id @goods+name @goods 产品线 sku
"""

NOUNS = """
accounts
  key: @account+id 编号 id key 统一社会信用代码 税号
  name: @account_name @name
  short_name: 简称 客户简称 公司简称 shortname alias
  parent_key: 上级客户编号 母公司编号 集团编号 上级客户 母公司 集团 parent parentid parentkey parentaccount subsidiaryof
  industry: 行业 所属行业 客户行业 industry sector vertical
  region_code: @area 区域编码 regioncode
  country: 国家 国别 country countrycode
  city: 城市 所在城市 city town
  size: 员工数 人数 员工人数 企业规模 公司规模 规模 size employees headcount employeecount numberofemployees companysize
  tier: 等级 客户等级 级别 客户级别 客户分级 tier class grade level rating
  stage: 阶段 客户阶段 生命周期 生命周期阶段 stage lifecycle lifecyclestage status
  signed_up_on: 签约日期 签约时间 注册日期 注册时间 开户日期 建档日期 创建日期 创建时间 成为客户日期 signedup signedupon
    signup signupdate since customersince createdat created createdon createddate joined
people
  key: @person+id uid 账号 登录名 distinctid username openid 编号 id key
  name: @person+name 姓名 名字 称呼 name fullname 联系人
  email: @email
  phone: @phone
  title: @title
  anonymous: 匿名 anonymous
  account_key: @of_account
  starts_on: @starts 加入日期 入职日期 任职日期 加入时间 joined joinedon joindate hiredate
  ends_on: @ends 离职日期 离开日期 lefton leftdate
memberships
  person_key: @person_key
  account_key: @of_account
  starts_on: @starts 加入日期 任职日期 joined
  ends_on: @ends 离职日期 left
  title: @title
contract_lines
  key: @contract+id 编号 id key 行号
  contract_key: 主合同号 总合同号 合同编号 合同号 contractkey contractid contractno contractnumber
  account_key: @of_account
  contract_name: 合同名称 合同名 项目名称 contractname contract
  contract_starts_on: 合同开始日期 contractstartson
  contract_ends_on: 合同结束日期 contractendson
  billing: 付款方式 付费方式 结算方式 付款周期 结算周期 计费周期 billing billingcycle billingfrequency billingperiod
    paymentterm
  auto_renew: 自动续约 是否自动续约 自动续费 autorenew autorenewflag autorenewal
  currency: currency 币种 货币
  signed_on: 签约日期 签约日 签约时间 签订日期 签署日期 合同日期 成交日期 signedon signeddate signdate signaturedate
    closedate
  product_code: @product_code
  name: 版本 套餐 方案 订阅版本 plan planname plantier package edition subscriptionplan name
  seats: 席位 席位数 账号数 用户数 授权数 数量 seats licenses licences quantity users seatcount
  mrr: 月费 月租 月收入 月度金额 mrr mrramount monthlyfee monthlyprice monthlyrecurringrevenue
    年费 年租 年金额 年度金额 arr arramount annualfee yearlyfee annualvalue acv annualcontractvalue annualrecurringrevenue
    合同金额 合同总额 合同额 总金额 金额 成交金额 签约金额 订单金额 价格 费用 含税金额 amount contractamount contractvalue
    tcv totalcontractvalue value price fee total
  starts_on: @starts
  ends_on: @ends
  trial: 试用 是否试用 trial istrial
tickets
  key: @ticket+id 编号 单号 id key
  account_key: @of_account
  person_key: @person+id @asker+id
  product_code: @product_code
  subject: @ticket+subject @subject 问题 问题描述 摘要 subject title summary issue
  text: 描述 详情 内容 详细描述 问题描述 工单内容 text description body details content
  family: 类别 类型 分类 工单类型 问题类型 family type category
  priority: 优先级 紧急程度 严重程度 紧急度 priority severity urgency
  state: 状态 工单状态 处理状态 state status
  opened_at: @opened+day opened created
  first_response_at: @answered+day
  resolved_at: @resolved+day resolved closed
  satisfaction: 满意度 评分 满意度评分 评价 satisfaction satisfactionscore csat rating score
  escalated: 是否升级 升级 escalated escalation escalationflag isescalated
  assignee_key: 处理人 负责人 客服 受理人 assignee assigneekey assigneeid agent owner handler assignedto
events
  event_id: eventid 事件编号 事件id 日志编号 日志id 流水号 记录编号 usageid logid uuid insertid messageid id 编号
  name: event eventname eventtype 事件 事件名 事件名称 动作 操作 行为 操作类型 action activity 功能 feature featurename
    name
  ts: ts timestamp time datetime date eventtime eventtimestamp eventdate occurredat happenedat usagedate logintime
    createdat created completetimestamp 时间 时间戳 发生时间 事件时间 操作时间 登录时间 访问时间 日志时间 日期 使用日期
    createtime 创建时间
  received_at: receivedat 接收时间 到达时间
  person_key: @person_key
  account_key: @of_account
  product_code: @product_code
  distinct_id: distinctid deviceid anonymousid 设备号 匿名id
products
  code: @goods+id 编号 编码 代码 code id sku
  name: @goods+name @goods 名称 name
regions
  code: @area+id 编码 code
  name: @area 区域名称 名称 name
  parent_code: 上级区域 parent parentcode
teams
  code: 团队编号 团队编码 teamid teamcode code
  name: 团队 团队名称 部门 小组 team teamname department name
staff
  key: @staff+id 工号 编号 id key
  name: @staff+name 姓名 name @staff salesagent
  username: 登录名 用户名 账号 username login
  email: @email
  title: @title
  roles: 角色 role roles
  team_code: 团队 部门 小组 team teamcode manager
  region_codes: @area
  is_active: 在职 启用 active isactive enabled
  reach: 负责范围 可见范围 reach
account_team
  account_key: @of_account
  staff_key: @staff+id 负责人 负责人工号 客户经理 工号 owner staff accountmanager ownerid
  role: 角色 role
  is_owner: 是否负责人 主负责人 isowner
chain
  account_key: @of_account
  person_key: @person_key
  role: 决策角色 角色 role buyingrole
  stance: 态度 立场 stance
  influence: 影响力 influence
  last_contact_on: 上次联系 最近联系日期 最近联系 lastcontact lastcontacton lastcontactdate
  known_since: 知晓时间 knownsince
  note: 备注 说明 note comment remark
account_scores
  account_key: @of_account
  what: 评分项 指标 维度 what dimension
  value: 分值 得分 评分 value score
  from_day: 日期 起始日期 评分日期 date fromday
"""

FILES = """
accounts: 客户 公司 企业 account customer client compan
people: 联系人 人员 用户 contact people person user lead member
memberships: 任职 membership
contract_lines: 合同 订阅 订单 续约 contract subscription order renewal
tickets: 工单 服务单 ticket case helpdesk support
events: 事件 日志 登录 使用 行为 埋点 event log usage activity track click session
products: 产品 商品 product sku
regions: 区域 大区 region
teams: 团队 部门 team department
staff: 员工 同事 staff employee salesteam agent
account_team: 客户团队 负责人 accountteam owner
chain: 决策链 decisionchain chain
account_scores: 评分 score
"""

CHOICES = """
tier
  S: S级 S类 S级客户 S类客户 tierS S+
  A: A级 A类 A级客户 A类客户 tierA A+
  B: B级 B类 B级客户 B类客户 tierB B+
  C: C级 C类 C级客户 C类客户 tierC C+
stage
  onboarding: 上线期 上线 实施 实施中 导入期 新客户
  adoption: 成长期 成长 使用中 adopted
  value: 成熟期 成熟 稳定 稳定期 正常 active 正式客户
  renewal: 续约期 续约 续约中 待续约
  at_risk: 风险期 风险 有风险 atrisk 预警
  lost: 流失 已流失 churned inactive cancelled 终止
billing
  monthly: 月付 按月 月 每月 month 月结
  quarterly: 季付 按季 季 季度 每季 quarter 季结
  yearly: 年付 按年 年 每年 annual annually year 年结
  once: 一次性 一次付清 单次 onetime upfront
family
  presale: 售前 咨询 presales sales
  account: 账号 账务 商务 账户 billing
  technical: 技术 故障 bug 技术支持 使用问题 technicalissue
priority
  low: 低 较低 p4 一般 minor
  medium: 中 普通 正常 normal p3 major
  high: 高 较高 紧急 p2 critical
  urgent: 特急 非常紧急 最高 p1 p0 blocker 加急
state
  open: 待处理 处理中 新建 打开 未解决 进行中 new inprogress 已受理
  pending: 等待 等待客户 挂起 待客户回复 onhold waiting 暂停
  solved: 已解决 解决 resolved 已完成 完成
  closed: 已关闭 关闭 done 已结单 已结束
role
  user: 使用者 使用人
  evaluator: 评估者 评估人
  budget_holder: 预算方 预算人
  decision_maker: 拍板人 决策人 决策者 负责人
  signer: 签字人 签约人
  influencer: 影响者 影响人
  blocker: 反对者 阻碍者
  sales: 销售 客户经理
  operations: 运营 客户成功 csm
  product: 产品经理 产品
  analyst: 分析师 数据分析
what
  potential: 潜力
  strategy_fit: 战略契合 战略匹配
  brand: 品牌
reach
  own: 自己 本人
  team: 团队 本团队
  region: 区域 本区域
  all: 全部 所有
"""

#: An amount is of so many months, by a word in its heading; the longest word found counts.
MONTHS: Mapping[str, int] = {
    "月": 1, "mrr": 1, "month": 1, "季": 3, "quarter": 3, "半年": 6, "年": 12, "arr": 12, "annual": 12, "year": 12, "acv": 12,
}  # fmt: skip
#: A heading that says how many times the amount is what stands in the cell.
TIMES: Mapping[str, int] = {"万": 10_000, "千": 1_000, "亿": 100_000_000}


def heading(text: str) -> str:
    """A heading without case, brackets, spaces and marks: "Customer_ID (new)" → "customerid"."""
    folded = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"[(\[【][^)\]】]*[)\]】]", "", folded)
    return re.sub(r"[\W_]+", "", plain).lower() or re.sub(r"[\W_]+", "", folded).lower()


def _lines(table: str) -> dict[str, str]:
    """name → its words; a line without a colon goes on."""
    found: dict[str, str] = {}
    name = ""
    for line in table.splitlines():
        before, colon, words = line.partition(":")
        if colon:
            name = before.strip()
            found[name] = words
        elif name:
            found[name] += " " + line
    return found


def _sections(table: str) -> dict[str, str]:
    """section → its lines; a section begins where a line begins."""
    parts = re.split(r"^(?=\S)", table, flags=re.MULTILINE)
    return {name.strip(): rest for name, _, rest in (part.partition("\n") for part in parts) if name.strip()}


def _words(text: str) -> Words:
    found: list[str] = []
    for word in text.split():
        if word.startswith("@"):
            first, plus, second = word[1:].partition("+")
            found += map("".join, product(_parts[first], _parts[second])) if plus else _parts[first]
        else:
            found.append(word)
    return tuple(dict.fromkeys(found))


_parts: dict[str, Words] = {}
for _name, _text in _lines(PARTS).items():
    _parts[_name] = _words(_text)

#: Noun → field → its heading words, the likeliest first.
FIELD_WORDS: Mapping[str, Mapping[str, Words]] = {
    noun: {name: tuple(map(heading, _words(text))) for name, text in _lines(fields).items()}
    for noun, fields in _sections(NOUNS).items()
}
#: Noun → words in the names of its files.
FILE_WORDS: Mapping[str, Words] = {noun: _words(text) for noun, text in _lines(FILES).items()}
#: Field → choice → what else files write for it.
CHOICE_WORDS: Mapping[str, Mapping[str, Words]] = {
    field: {choice: _words(text) for choice, text in _lines(choices).items()}
    for field, choices in _sections(CHOICES).items()
}


def choice_of(cell: str, *, field: str, choices: tuple[str, ...]) -> str:
    """The choice that a cell means, or nothing."""
    plain = heading(cell)
    known = CHOICE_WORDS.get(field, {})
    for choice in map(str, choices):
        if plain and plain in (heading(choice), *map(heading, known.get(choice, ()))):
            return choice
    return ""
