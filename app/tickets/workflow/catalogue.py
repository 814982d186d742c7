"""The dispatch catalogue 派单目录 that a new township begins with; each then edits its own.

Source: the category table of the office's rules (C5.1) and the result quantities (C5.4).
Units are named as in the organisation template (C5.2); of several names the first that the
township has is taken. `items` are the typical items, and become the second level; an item
without a unit of its own goes where its category goes.
"""

from dataclasses import dataclass

from app.tickets.workflow.states import Complexity, Urgency

Names = tuple[str, ...]

PARTY_OFFICE: Names = ("党政办公室",)
ECONOMY: Names = ("经济发展办公室", "经发办")
STATISTICS: Names = ("统计站", *ECONOMY)
FARMING: Names = ("农业农村办公室", "农业农村办")
SOCIETY: Names = ("社会事务办公室", "社会事务办")
BUILDING: Names = ("规划建设办公室", "规划建设办")
SAFETY: Names = ("应急管理办公室", "应急与生态环境办")
FINANCE: Names = ("财政所",)
ENFORCEMENT: Names = ("综合行政执法队",)
SERVICE: Names = ("便民服务中心", "人社所")
LABOUR: Names = ("人社所", "便民服务中心")
DISPUTES: Names = ("综治中心",)
DISCIPLINE: Names = ("纪委", "纪检", "督查")
OFFICE: Names = ("营商办", "营商环境办公室")
LAND: Names = ("自然资源所",)
MARKET: Names = ("市场监管所",)
TAX: Names = ("税务分局",)
POLICE: Names = ("派出所",)
JUSTICE: Names = ("司法所",)
POWER: Names = ("供电所",)
WATER: Names = ("水务站",)
GAS: Names = ("燃气公司",)
FIRE: Names = ("消防站",)
AGRONOMY: Names = ("农技站",)

NO_UNIT: Names = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A category of the second level, with a unit of its own where it has one."""

    name: str
    lead: Names = NO_UNIT


@dataclass(frozen=True, slots=True)
class Standard:
    """A category of the first level, as the catalogue begins."""

    code: str
    name: str
    items: tuple[Item, ...]
    lead: Names
    co: tuple[Names, ...]
    up: str
    complexity: Complexity = Complexity.SIMPLE
    urgency: Urgency = Urgency.NORMAL
    quantity: str = ""
    rejects: bool = False
    guidance: str = ""
    confidential: bool = False


def _items(names: str) -> tuple[Item, ...]:
    return tuple(Item(name) for name in names.split("、"))


#: Kinds under which a complaint about a unit is for the named few.
ABOUT_OFFICIALS = frozenset({"18", "19"})

LOANS = "贷款金额（万元）"
HIRED = "解决用工（人）"
AREA = "用地面积（亩）"
CAPACITY = "增容（kVA）"
PAID_OUT = "兑现资金（万元）"
RECOVERED = "清欠（万元）"

#: What the categories of the standard catalogue are called for readers of English, by code.
ENGLISH = {
    "01": "Loans and finance",
    "02": "Staff and training",
    "03": "Land and property",
    "04": "Construction and approvals of projects",
    "05": "Licences and permits",
    "06": "Power, water, gas and internet",
    "07": "Roads, transport and delivery",
    "08": "Taxes and public payments",
    "09": "Policies and promised support",
    "10": "Statistics and reporting",
    "11": "Markets and sales",
    "12": "Technology and digital change",
    "13": "Environment",
    "14": "Work safety and fire safety",
    "15": "Farming",
    "16": "Neighbours and disputes",
    "17": "Unpaid invoices",
    "18": "Inspections, fines and fees",
    "19": "Conduct of officials",
    "20": "Lawsuits, arbitration and petitions",
    "99": "Something else",
}

#: What those below them are called, in their order.
ENGLISH_BELOW = {
    "01": ("Loans", "Loan renewal", "Guarantees", "Mortgages and collateral", "Credit records"),
    "02": (
        "Recruitment",
        "Skilled workers",
        "Seasonal workers",
        "Training",
        "Social insurance",
        "Schooling for employees' children",
    ),
    "03": (
        "Land titles",
        "Plot adjustment",
        "Land leases",
        "Compensation for land and buildings",
        "Temporary land use",
    ),
    "04": (
        "Project registration",
        "Environmental impact assessment",
        "Energy assessment",
        "Construction permits",
        "Fire safety acceptance",
        "Planning",
    ),
    "05": (
        "Business licences",
        "Permits",
        "Record filing",
        "Changes of registration",
        "Deregistration",
    ),
    "06": (
        "Power (capacity, outages)",
        "Water (pressure, outages)",
        "Gas (outages)",
        "Broadband",
    ),
    "07": (
        "Access roads",
        "Traffic restrictions",
        "Parking",
        "Public transport",
        "Parcel services",
    ),
    "08": ("Tax refunds", "Invoicing", "Tax advice", "Payment of grants"),
    "09": ("Support policies", "Grant applications", "Promises made to investors"),
    "10": ("Entry requirements", "Documents", "Statistical returns"),
    "11": ("Orders", "Trade fairs", "E-commerce", "Branding", "Exports"),
    "12": (
        "High-tech enterprise status",
        "Specialised SME status",
        "Patents",
        "Smart and digital upgrading",
    ),
    "13": ("Environmental rectification", "Discharges", "Solid waste", "Complaints and disputes"),
    "14": ("Hazard rectification", "Safety training", "Equipment", "Excessive inspections"),
    "15": (
        "Farm supplies",
        "Irrigation",
        "Animal and plant diseases",
        "Storage and cold chain",
        "Cooperatives",
    ),
    "16": ("Disputes with villages", "Obstruction of works", "Public order", "Noise", "Refuse"),
    "17": ("Owed by government bodies", "Owed by enterprises"),
    "18": (
        "Frequent inspections",
        "Disputed penalties",
        "Improper charges",
        "Imposed intermediaries",
    ),
    "19": ("Matters left undone", "Passing the buck", "Attitude"),
    "20": ("Lawsuits", "Arbitration", "Petitions"),
    "99": (),
}

# fmt: off
STANDARD = (
    Standard("01", "融资金融", _items("贷款、续贷、担保、抵押、信用"), ECONOMY, (FINANCE,), "金融监管、人民银行、地方金融局，银行网点", Complexity.COMPLEX, quantity=LOANS),
    Standard("02", "用工人才", _items("招工、技工、季节工、培训、社保咨询、职工子女入学"), LABOUR, (SOCIETY,), "人社局、教育局", quantity=HIRED),
    Standard("03", "用地与不动产", _items("土地确权、地块调整、租地、征迁补偿、临时用地"), LAND, (FARMING,), "自然资源局", Complexity.HARD, quantity=AREA),
    Standard("04", "项目建设与审批", _items("立项、环评、能评、施工许可、消防验收、规划"), ECONOMY, (BUILDING, LAND), "发改、生态环境、住建", Complexity.COMPLEX),
    Standard("05", "证照与行政审批", _items("营业执照、许可、备案、变更、注销"), SERVICE, (MARKET,), "数据资源（政务服务）局"),
    Standard("06", "要素保障", (Item("供电（增容、停电）", POWER), Item("供水（水压、停水）", WATER), Item("供气（停气）", GAS), Item("宽带网络")), NO_UNIT, (BUILDING,), "供电公司、住建、水利", urgency=Urgency.URGENT, quantity=CAPACITY),
    Standard("07", "交通物流", _items("进厂道路、限行、停车、公交、快递网点"), BUILDING, (POLICE,), "交通运输局、交警、邮政管理", Complexity.COMPLEX),
    Standard("08", "财政税费", _items("退税、开票、税务咨询、奖补拨付"), FINANCE, (TAX,), "税务局、财政局", quantity=PAID_OUT),
    Standard("09", "政策咨询与兑现", _items("惠企政策、奖补申报、招商承诺兑现"), ECONOMY, (FINANCE,), "发改、经信、商务", Complexity.COMPLEX, quantity=PAID_OUT),
    Standard("10", "升规入统与统计", _items("入库条件、材料、报表"), STATISTICS, (TAX,), "统计局"),
    Standard("11", "市场开拓与产销对接", _items("订单、展销、电商、品牌、出口"), ECONOMY, (FARMING,), "商务局、农业农村局"),
    Standard("12", "科技创新与数字化", _items("高企、专精特新、专利、智改数转"), ECONOMY, (), "科技局、经信局、市场监管局", Complexity.COMPLEX),
    Standard("13", "生态环境", _items("环保整改、排污、固废、投诉纠纷"), SAFETY, (ENFORCEMENT,), "生态环境分局", Complexity.COMPLEX),
    Standard("14", "安全生产与消防", _items("隐患整改、培训、设施、检查过多"), SAFETY, (FIRE,), "应急管理局、消防"),
    Standard("15", "农业产业", _items("农资、灌溉、疫病、仓储冷链、合作社"), FARMING, (AGRONOMY,), "农业农村局"),
    Standard("16", "周边环境与纠纷", _items("村企纠纷、阻工、治安、噪声、垃圾"), DISPUTES, (POLICE, JUSTICE), "公安、司法", Complexity.COMPLEX),
    Standard("17", "拖欠账款", (Item("政府拖欠", FINANCE), Item("企业拖欠", ECONOMY)), FINANCE, (JUSTICE,), "经信局（条例投诉渠道）", Complexity.HARD, quantity=RECOVERED, guidance="也可以通过《保障中小企业款项支付条例》的投诉渠道反映。"),
    Standard("18", "涉企执法与收费", _items("检查频繁、处罚异议、乱收费、指定中介"), DISCIPLINE, (JUSTICE,), "司法局（行政执法监督）、营商环境监督", Complexity.COMPLEX, guidance="不派给被反映的单位。"),
    Standard("19", "服务效能与作风", _items("办不成事、推诿、态度"), OFFICE, (DISCIPLINE,), "纪委监委", guidance="涉及违纪违法的线索移交纪检监察机关，不在这里办理；不派给被反映的单位。", confidential=True),
    Standard("20", "涉法涉诉涉访", _items("诉讼、仲裁、信访"), NO_UNIT, (JUSTICE,), "法院、仲裁、信访局", rejects=True, guidance="诉讼请找人民法院，仲裁请找仲裁机构，信访请找信访部门；需要法律帮助可以找司法所。"),
    Standard("99", "其他", (), PARTY_OFFICE, (), ""),
)
# fmt: on
