"""How far a document's certificates are: for the review system that sent it (N17)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query

from zhicheng.api import schemas_online as s
from zhicheng.api.authentication import caller_of
from zhicheng.api.endpoints_filing import filing
from zhicheng.api.problems import NotFound
from zhicheng.api.rules import Scope
from zhicheng.api.words import marked as _
from zhicheng.approvals.models import ApprovalDocument, Channel, ReviewMode
from zhicheng.approvals.queries import visible
from zhicheng.electronic.queries import hindrances, progress
from zhicheng.values.document_number import tidy_document_number

Number = Query(
    ...,
    min_length=1,
    max_length=60,
    pattern=r"^[^\x00-\x1f\x7f]+$",
    description=_("批准文号"),
    examples=["渝职改〔2026〕8号"],
)


@filing.get(
    "/approvals",
    response=s.ApprovalOut,
    operation_id="get_approval",
    summary=_("核准文件的证书办到了哪一步"),
)
def get_approval(request: HttpRequest, document_number: str = Number) -> HttpResponse:
    """Certificates issued, waiting for a photo, and those that can't be made, with the reason."""
    caller = caller_of(request)
    caller.need(Scope.APPROVALS_WRITE)
    number = tidy_document_number(document_number)[0]
    document = visible(caller.account).filter(number=number).first()
    if document is None:
        raise NotFound("approval.unknown", "没有这个批准文号的核准文件。", clause="N2")
    return JsonResponse(_told(document), json_dumps_params={"ensure_ascii": False})


def _told(document: ApprovalDocument) -> dict[str, Any]:
    way = "paper"
    if document.review_mode == ReviewMode.SELF_MANAGED:
        way = "own"
    elif document.channel == Channel.ONLINE:
        way = "electronic"
    far = progress(document)
    return {
        "document_number": document.number,
        "department": document.approving_department.name,
        "way": way,
        "people": far.people,
        "issued": far.issued,
        "waiting_photo": far.waiting,
        "left": far.left if way == "electronic" else 0,
        "hindrances": [
            {
                "name": item.person.name if item.person else None,
                "rule": item.rule,
                "message": item.message,
                "mend": item.mend,
            }
            for item in hindrances(document)
        ],
    }
