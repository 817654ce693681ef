"""The OpenAPI 3.1 description: what ninja knows of the operations, and every answer beside 200."""

import copy
from functools import cache
from typing import Any

from zhicheng.api import exports
from zhicheng.api.idempotency import HEADER, REPLAYED
from zhicheng.api.interface import api
from zhicheng.api.problems import MEDIA_TYPE, TITLES
from zhicheng.api.schemas import ProblemOut
from zhicheng.api.words import marked as _

ROOT = "/api/v1"
METHODS = ("get", "post", "put", "patch", "delete")
# Scopes by operation; the test holds them against what the operations ask for.
SCOPES = {
    "list_changes": "certificates:read",
    "export_certificates": "certificates:read",
    "get_certificate": "certificates:read",
    "list_revocations": "revocations:read",
    "get_signed_revocations": "revocations:read",
    "get_cose_revocations": "revocations:read",
    "list_series": "reference:read",
    "list_levels": "reference:read",
    "list_grades": "reference:read",
    "list_regions": "reference:read",
    "list_qualifications": "reference:read",
    "import_approvals": "approvals:write",
    "import_approvals_file": "approvals:write",
    "get_approval": "approvals:write",
    "create_register": "registers:write",
    "create_register_file": "registers:write",
    "replace_register": "registers:write",
    "replace_register_file": "registers:write",
    "list_registers": "registers:read",
    "get_register": "registers:read",
    "verify_certificates": "verifications:write",
    "get_verification_job": "verifications:write",
    "report_self_issued": "self_issued:write",
    "get_self_issued_report": "self_issued:write",
}
# What an operation is for, in place of its docstring.
TEXTS = {
    "get_key": _("这个密钥能做什么、有效到何时；不需要权限范围。"),
    "list_changes": _(
        "某个序号之后发生的一切，按次序，不漏不重；每条附证书现在的内容。用 position 接着请求。"
    ),
    "export_certificates": _(
        "全部证书的数据流。答复头 Feed-Position 是变更序列接着读的序号。每次导出记入审计。"
    ),
    "get_certificate": _("最可靠来源的记录（N7）：换发更正、登记表、评审系统生成、历史数据。"),
    "list_revocations": _("所有报失、作废、已被取代的证书。"),
    "get_signed_revocations": _("同一清单，由核验码的签名密钥签名，离线时也能核对。"),
    "get_cose_revocations": _("同一清单的 COSE_Sign1，更小，适合设备。"),
    "list_series": _("国家规定的职称系列。"),
    "list_levels": _("五个级别，以及各自的证书等级。"),
    "list_grades": _("证书的三个等级。"),
    "list_regions": _("区县，包括已撤并的。"),
    "list_qualifications": _("资格名称，可只取一个系列的。"),
    "import_approvals": _(
        "核准文件和通过人员，与导入页面的检查相同；要么全部导入，要么全不（N2、N17）。"
    ),
    "import_approvals_file": _("请求内容就是名单文件本身。"),
    "get_approval": _(
        "线上核准文件的电子证书：已签发、待补照片、不能制作的各几人，以及原因（N17）。"
    ),
    "create_register": _("新的登记表（填报中），检查与页面相同（N4、N6）。提交仍由人办理。"),
    "create_register_file": _("请求内容就是单位的 Excel 文件。"),
    "replace_register": _("以更正后的各行更换，逐行重新检查。"),
    "replace_register_file": _("以更正后的 Excel 文件更换。"),
    "list_registers": _("本机构的登记表，新的在前，不含检查结果。"),
    "get_register": _("登记表到了哪一步，检查发现了什么。"),
    "verify_certificates": _(
        "用人单位核验多人的证书，答复与公众查询相同。200 行以内立即答复（200）；"
        "更多的在后台核验（202），到 job 地址取结果。有一行不合要求，一行也不核验。"
    ),
    "get_verification_job": _("后台核验到了哪一步；完成后给出结果，保留一天。"),
    "report_self_issued": _(
        "自主评审单位自行发放的证书，供查询备查；要么全部报送，要么全不（N16）。"
    ),
    "get_self_issued_report": _("市职改办收录或退回，以及原因。"),
}
_EVERYWHERE = (401, 403, 422, 429, 500)
_MORE = {
    "get_certificate": (404,),
    "get_register": (404,),
    "get_approval": (404,),
    "verify_certificates": (400, 409, 413),
    "get_verification_job": (404,),
    "report_self_issued": (400, 409, 413),
    "get_self_issued_report": (404,),
    "get_signed_revocations": (503,),
    "get_cose_revocations": (503,),
    "export_certificates": (503,),
    "import_approvals": (400, 409, 413),
    "import_approvals_file": (400, 409, 413),
    "create_register": (400, 409, 413),
    "create_register_file": (400, 409, 413),
    "replace_register": (400, 404, 409, 413),
    "replace_register_file": (400, 404, 409, 413),
}
_FILES = ("import_approvals_file", "create_register_file", "replace_register_file")
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = {"type": "string", "format": "binary"}
_RATE = {
    "RateLimit": {
        "description": "本分钟还余几次、几秒后重新计",
        "schema": {"type": "string", "examples": ['"key";r=599;t=42']},
    },
    "RateLimit-Policy": {
        "description": "每分钟的限额",
        "schema": {"type": "string", "examples": ['"key";q=600;w=60']},
    },
}


@cache
def _described() -> dict[str, Any]:
    # Paths as they are asked for: the server's address stands in ``servers``.
    found: dict[str, Any] = copy.deepcopy(dict(api.get_openapi_schema(path_prefix="")))
    found["servers"] = [{"url": ROOT, "description": "本系统"}]
    found["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    schemas = found["components"]["schemas"]
    problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["ProblemOut"] = problem
    found["components"]["securitySchemes"]["Bearer"]["description"] = (
        "接口密钥：Authorization: Bearer zck_…，由本机构负责人在“开放接口”页面开通。"
    )
    found["components"]["headers"] = copy.deepcopy(_RATE)
    found["components"]["responses"] = {
        f"Problem{status}": _problem(status)
        for status in sorted({*_EVERYWHERE, *(code for more in _MORE.values() for code in more)})
    }
    for path in found["paths"].values():
        for method, operation in path.items():
            if method in METHODS:
                _complete(method, operation)
    return found


def description() -> dict[str, Any]:
    """The description; the caller's own copy."""
    return copy.deepcopy(_described())


def _problem(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": TITLES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
    }
    if status == 429:
        answer["headers"] = {
            "Retry-After": {"description": "几秒后再试", "schema": {"type": "string"}}
        }
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return answer


def _complete(method: str, operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    operation["description"] = TEXTS[name]
    scope = SCOPES.get(name)
    if scope:
        operation["x-scope"] = scope
    answers = {str(status): answer for status, answer in operation["responses"].items()}
    for answer in answers.values():
        answer["headers"] = {header: {"$ref": f"#/components/headers/{header}"} for header in _RATE}
    for status in sorted({*_EVERYWHERE, *_MORE.get(name, ())}):
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = answers
    if method != "get":
        operation["parameters"].append(
            {
                "in": "header",
                "name": HEADER,
                "required": False,
                "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]+$"},
                "description": _("重发同一请求时用同一个键（建议 UUID），24 小时内只办理一次"),
            }
        )
        done = next(code for code in answers if code.startswith("2"))
        answers[done]["headers"][REPLAYED] = {
            "description": "true：这是第一次请求的答复",
            "schema": {"type": "string"},
        }
    if name in _FILES:
        operation["requestBody"] = {
            "required": True,
            "description": "Excel、WPS 表格或 CSV 文件本身，不超过 50 MB",
            "content": {
                "application/octet-stream": {"schema": dict(_BINARY)},
                _EXCEL: {"schema": dict(_BINARY)},
            },
        }
    if name == "export_certificates":
        answers["200"]["description"] = "导出的文件"
        answers["200"]["content"] = {
            kind: {"schema": dict(_BINARY)} for kind in exports.FORMATS.values()
        }
        answers["200"]["headers"]["Feed-Position"] = {
            "description": "变更序列从这个序号接着读",
            "schema": {"type": "string"},
        }
    if name == "get_cose_revocations":
        answers["200"]["content"] = {"application/cose": {"schema": dict(_BINARY)}}
