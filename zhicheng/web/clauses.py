"""The clauses of the notice by which refusals and pages name their ground (design §2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from zhicheng.values.text import shown

# What stands between two quoted parts of a clause.
GAP = "……"


@dataclass(frozen=True)
class Clause:
    """``title``: what it is about. ``text``: the notice's own words, cuts marked. ``place``: where
    they are.
    """

    title: str
    text: str
    place: str

    @property
    def parts(self) -> list[str]:
        """The quoted parts, each of which stands in the notice word for word."""
        return [part for part in self.text.split(GAP) if part]


CLAUSES: Mapping[str, Clause] = {
    "N1": Clause(
        shown("证书统一印制"),
        "评审取得的各级职称证书，由市人力资源和社会保障局统一印制。",
        "一、证书印制",
    ),
    "N2": Clause(
        shown("核准文件下发后报送登记表"),
        "任职资格核准文件下发后，各区县职改办、市级主管部门、大型企事业单位填写《职称证书领取、"
        "办理登记表》……报市职称改革办公室领取空白职称证书。",
        "二（一）第一段",
    ),
    "N3": Clause(
        shown("领取、办理和发放的单位；主管部门签章"),
        "职称资格证书由各区县职改办、市级主管部门或大型企事业单位负责领取、办理和发放。……"
        "填报单位无自主管理权限的，须经主管部门签章后报送。",
        "二；附件1填表说明2",
    ),
    "N4": Clause(
        shown("纸质件、电子件一并报送"),
        "纸质件、excel格式电子件一并报市职称改革办公室……此表须同时报送纸质件、excle格式电子件。",
        "二（一）第一段；附件1填表说明3",
    ),
    "N5": Clause(
        shown("按人数领取，超发5%备用"),
        "空白职称证书按《登记表》上人数领取，同时超发5%作为错制备用证书。",
        "二（一）第一段",
    ),
    "N6": Clause(
        shown("登记表、评审表、核准文件、证书四者一致"),
        "《登记表》上填写的信息，须与评审通过人员《专业技术资格申报评审表》、实际发放的职称证书以及"
        "任职资格核准文件上的信息保持一致。即专业名称与《专业技术资格申报评审表》“申报资格专业方向”"
        "和职称证书“专业名称”栏一致；资格名称、批准时间、批准文号与任职资格核准文件一致，其中批准时间"
        "填写任职资格文件中的评委会评审通过时间；职称证书预编号须与后期实际发放证书信息一致。",
        "二（一）第二段",
    ),
    "N7": Clause(
        shown("查询系统优先提取登记表信息"),
        "职称证书查询系统采集信息时，将优先提取《登记表》上相关信息，请各相关单位高度重视，提交前"
        "仔细核对、确保信息准确无误。",
        "二（一）第三段",
    ),
    "N8": Clause(
        shown("填制、公章、钢印、发放"),
        "按照《登记表》信息填制职称证书上相关内容，并加盖公章，高级证书送市职称改革办公室加盖钢印；"
        "中、初级证书送任职资格核准部门加盖钢印。签章完备后，方能发放。",
        "二（二）第一段",
    ),
    "N9": Clause(
        shown("废旧证书先用备用，再换取"),
        "职称证书填制过程中出现废旧证书需要更换的，首先使用超发的5%备用证书重制。备用证书不足时，"
        "凭填制错误的废旧证书至市职称改革办公室换取新的空白职称证书。",
        "二（二）第二段",
    ),
    "N10": Clause(
        shown("补办（换发）申请"),
        "申请人填写《职称证书补办（换发）申请表》（附件2，一式两份）附佐证材料，至各区县职改办、"
        "市级主管部门、大型企事业单位申请补办（换发）。",
        "三",
    ),
    "N11": Clause(
        shown("凭申请表和佐证材料领取空白证书"),
        "各区县职改办、市级主管部门、大型企事业单位凭签章完备的《职称证书补办（换发）申请表》和佐证材料"
        "至市职称改革办公室领取空白证书。",
        "三",
    ),
    "N12": Clause(shown("重新填制并核发"), "重新填制并完善签章手续后，进行核发。", "三"),
    "N13": Clause(
        shown("补办佐证材料"),
        "补办申请人还须提交原《专业技术资格申报评审表》复印件（加盖档案管理机构公章）、遗失登报报纸。",
        "三，补办",
    ),
    "N14": Clause(
        shown("换发佐证材料"),
        "换发申请人还须提交原《专业技术资格申报评审表》复印件（加盖档案管理机构公章）及其他与换发更正"
        "信息相关的佐证材料。",
        "三，换发",
    ),
    "N15": Clause(
        shown("授权评审、联合评审发放统一证书"),
        "经授权同意的单位，采取授权评审、联合评审等方式评审通过的人员，凡任职资格评审结果由评委会核准"
        "部门统一发文公布的，发放全市统一的职称证书",
        "四（一）",
    ),
    "N16": Clause(
        shown("自主评审不再领取统一证书"),
        "经备案同意的单位，采取自主评审方式评审通过的人员，任职资格评审结果由所在单位自主发文公布，"
        "自主印制职称证书核发，不再领取和发放全市统一的职称证书。",
        "四（一）",
    ),
    "N17": Clause(
        shown("线上评审由系统生成证书"),
        "职称申报评审采用线上系统后，职称证书由系统自动生成，按系统规则进行办理、发放……具体的证书"
        "办理、核发渠道与申报评审方式（线上、线下）保持一致，即线上评审按系统流程发放，线下评审按"
        "第二条的流程发放。",
        "四（二）",
    ),
    "N18": Clause(
        shown("严肃颁证纪律"),
        "严肃颁证纪律，严格发放程序，确保专业技术资格证书安全、及时发放到专业技术人员手中。对在证书"
        "发放过程中有弄虚作假行为的，要追究当事人及有关领导责任，并按有关职称工作违纪处理的规定严肃处理。",
        "四（三）",
    ),
    "N19": Clause(
        shown("掌握、分析、利用信息"),
        "全面掌握评审通过人员基本信息，合理分析、利用相关数据",
        "前言",
    ),
    "N20": Clause(shown("对接查询系统"), "便于后期对接职称证书查询系统。", "前言"),
    "A1": Clause(shown("附件1：登记表"), "年度职称证书领取、办理登记表", "附件1"),
    "A2": Clause(shown("附件2：申请表"), "职称证书补办（换发）申请表", "附件2"),
}


# The clause of refusals that name none themselves, by the first part of their rule. What a file,
# a form or the machine is faulty in (``file.damaged``, ``database.busy``) rests on no clause.
BY_RULE: Mapping[str, str] = {
    "account": "N18",
    "api_key": "N20",
    "calibration": "N8",
    "case": "N18",
    "certificate": "N8",
    "credential": "N8",
    "documents": "N8",
    "electronic": "N17",
    "enumeration": "N18",
    "finding": "N6",
    "fonts": "N8",
    "historic": "N7",
    "idempotency": "N20",
    "layout": "N8",
    "ledger": "N7",
    "list": "N18",
    "messenger": "N18",
    "notification": "N18",
    "numbering": "N6",
    "permission": "N18",
    "photo": "N8",
    "printer": "N8",
    "printing": "N8",
    "query": "N7",
    "register": "N6",
    "reissue": "N10",
    "report": "N7",
    "row": "N6",
    "seal": "N17",
    "serials": "N1",
    "signing_key": "N18",
    "upload": "N4",
    "webhook": "N20",
}
NO_CLAUSE = frozenset({"database", "evidence", "file", "form", "grid", "scan", "work"})


def clause_of(rule: str, named: str = "") -> str:
    """The clause that a refusal rests on: the one that it names, else its kind's; perhaps none."""
    return named or BY_RULE.get(rule.split(".", 1)[0], "")
