"""For everybody: a holder fetches the own electronic certificate; any PDF is checked (N17).

Names and numbers come by POST alone. What the first question finds out is never in an address:
the file is fetched with a token of ten minutes that names the certificate by its row.
"""

from dataclasses import replace

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from zhicheng.certificates.models import Certificate
from zhicheng.credentials.queries import published_keys
from zhicheng.credentials.rules import verify as verdict_on
from zhicheng.electronic import queries
from zhicheng.electronic.checking import VERDICTS, check
from zhicheng.electronic.handing_out import fetch_as_holder
from zhicheng.electronic.sealing import trusted_roots
from zhicheng.electronic.signing.verdict import LARGEST, Verdict
from zhicheng.electronic.views import pdf_answer
from zhicheng.values.refusal import Refusal
from zhicheng.verification.forms import HolderForm, PdfForm
from zhicheng.verification.lookups import record_lookup
from zhicheng.verification.models import Way
from zhicheng.verification.queries import standing
from zhicheng.verification.rules import STANDINGS, Standing
from zhicheng.verification.showing import told
from zhicheng.web.limits import address_of, count_question, guarded
from zhicheng.web.saying import say

_SALT = "electronic-certificate"
_SECONDS = 600
HOLDER_QUESTIONS = 60  # an hour about one certificate, by everybody together


def most_about_one() -> int:
    """How often an hour anybody at all may try to be a certificate's holder.

    Whoever knows name, number and the masked ID number from a photo could try what is masked
    (some thousand possibilities), from many addresses at once.
    """
    return int(getattr(settings, "ZHICHENG_HOLDER_QUESTIONS_PER_HOUR", HOLDER_QUESTIONS))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fetch(request: HttpRequest) -> HttpResponse:
    """``/e/``: the form, and what was found: the button to fetch, or that nothing fits."""
    form = HolderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        asked = (data["name"], data["id_number"], data["number"])
        name, id_number, number = asked
        guard = guarded(
            request,
            name=name,
            id_number=id_number,
            number=number,
            most_about_one=most_about_one(),
        )
        found = queries.holders_certificate(*asked)
        guard.settle(way=Way.HOLDER, found=[found.number] if found else [])
        token = signing.TimestampSigner(salt=_SALT).sign(str(found.pk if found else 0))
        context = {"certificate": found, "token": token, "asked_at": timezone.localtime()}
        return guard.even(render(request, "verification/fetched.html", context))
    return render(request, "verification/fetch.html", {"form": form})


@never_cache
@require_POST
def file(request: HttpRequest) -> HttpResponseBase:
    """``/e/file``: the signed file, for a token that is younger than ten minutes."""
    count_question(request)
    try:
        key = signing.TimestampSigner(salt=_SALT).unsign(
            request.POST.get("token", ""), max_age=_SECONDS
        )
        certificate = Certificate.objects.select_related("issuing_unit").get(
            pk=int(key), voided_at=None
        )
    except (signing.BadSignature, ValueError, Certificate.DoesNotExist):
        raise Refusal(
            "electronic.token",
            _("核对结果已经过期，请重新填写后下载。"),
            expected=_("十分钟内下载"),
            mend=_("请返回重新填写姓名、身份证号码和证书编号。"),
        ) from None
    _file, content = fetch_as_holder(certificate)
    return pdf_answer(content, certificate.number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify_pdf(request: HttpRequest) -> HttpResponse:
    """``/e/verify/``: a file is judged and forgotten; nothing of it is kept."""
    form = PdfForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
    )
    if request.method == "POST" and form.is_valid():
        count_question(request)
        uploaded = form.cleaned_data["file"]
        if uploaded.size > LARGEST:
            raise Refusal(
                "electronic.too_large",
                _("该文件过大，不会是电子证书。"),
                found=f"{uploaded.size / 1024 / 1024:.1f} MB",
                expected=f"{LARGEST // 1024 // 1024} MB",
            )
        verdict = queries.on_record(check(uploaded.read(), trusted_roots()))
        now = standing_of(verdict)
        number = str(verdict.data.get("证照编号", "")) if verdict.holds else ""
        record_lookup(
            way=Way.FILE,
            found=[number],
            number=number,
            hit=verdict.holds,
            address=address_of(request),
        )
        context = {
            "verdict": verdict,
            "message": _(VERDICTS[verdict.reason]),
            "facts": facts(verdict),
            "told": replace(told(now), word=_(STANDINGS[now])) if now else None,
            "is_test": queries.is_test(verdict.fingerprint),
            "asked_at": timezone.localtime(),
        }
        return render(request, "verification/pdf_verdict.html", context)
    return render(request, "verification/verify_pdf.html", {"form": form})


# What is shown of the data in a file, and how this product calls it.
SHOWN = {
    "证照编号": _l("证书编号"),
    "持证主体": _l("姓名"),
    "持证主体代码": _l("身份证号码"),
    "资格名称": _l("资格名称"),
    "专业名称": _l("专业名称"),
    "级别": _l("级别"),
    "批准时间": _l("批准时间"),
    "批准文号": _l("批准文号"),
    "证照颁发机构": _l("发放单位"),
    "证照颁发日期": _l("发证时间"),
}


def facts(verdict: Verdict) -> list[tuple[str, str]]:
    """Whose certificate it is, by the data of a file that proved itself; else nothing."""
    if not verdict.holds:
        return []
    return [
        (str(label), say(verdict.data[name]))
        for name, label in SHOWN.items()
        if verdict.data.get(name)
    ]


def standing_of(verdict: Verdict) -> Standing | None:
    """How the certificate stands today, by the credential within; None for a file that failed."""
    if not verdict.holds:
        return None
    credential = verdict_on(str(verdict.data.get("核验码", "")), published_keys())
    if not credential.valid or credential.claims is None:
        return Standing.UNKNOWN
    return standing(credential.claims)
