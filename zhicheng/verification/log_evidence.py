"""Evidence from the transparency log for whoever may see a certificate anyway."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from zhicheng.transparency.queries import evidence_of
from zhicheng.verification.forms import EvidenceForm
from zhicheng.verification.models import Way
from zhicheng.verification.queries import find_by_number
from zhicheng.web.forms import cleaned
from zhicheng.web.limits import guarded


@require_POST
def evidence(request: HttpRequest) -> HttpResponse:
    """The proof file of the certificate with this name and number; else the answer of a miss.

    Counted like a question, because it answers the same one.
    """
    asked = cleaned(EvidenceForm(request.POST))
    guard = guarded(request, name=asked["name"], number=asked["number"])
    records = find_by_number(asked["number"], asked["name"])
    known = any(record.number for record in records)
    guard.settle(way=Way.NUMBER, found=[record.number for record in records])
    found = evidence_of(asked["number"].strip()) if known else None
    if found is None:
        return render(request, "verification/no_evidence.html", status=200 if known else 404)
    answer = HttpResponse(
        json.dumps(found, ensure_ascii=False, indent=1), content_type="application/json"
    )
    answer["Content-Disposition"] = 'attachment; filename="zhicheng-log-evidence.json"'
    answer["Cache-Control"] = "no-store"
    return answer
