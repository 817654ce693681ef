"""The page that checks a certificate's QR code on the visitor's device, also offline.

What the code says stands behind ``#`` and never reaches the server. The one question that needs
the network is whether the certificate is still in force: it comes by POST, with the credential as
the proof that whoever asks has seen the certificate, and the answer is one word.
"""

import hashlib
import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from zhicheng.credentials.queries import published_keys, publisher
from zhicheng.credentials.rules import CAUTION, LABELS, REASONS
from zhicheng.credentials.rules import verify as verdict_on
from zhicheng.reissues.models import SightingChannel
from zhicheng.verification.asking import Question, watched
from zhicheng.verification.lookups import record_lookup
from zhicheng.verification.models import Way
from zhicheng.verification.queries import standing
from zhicheng.verification.rules import GONE, STANDINGS, Standing
from zhicheng.web.limits import address_of, count_question
from zhicheng.web.security import POLICY

# The decoder of QR codes is WebAssembly; no other page may compile any.
PAGE_POLICY = f"{POLICY}; script-src 'self' 'wasm-unsafe-eval'"
SHELL = (
    "web/public.css",
    "web/theme.js",
    "web/icon.svg",
    "verification/query.css",
    "verification/verify.css",
    "credentials/verify.js",
    "verification/scan.js",
    "verification/page.js",
    "credentials/words-1.txt",
)
LAZY = ("vendor/zxing-reader.js", "vendor/zxing-reader.wasm", "vendor/noble-ed25519.js")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """``/v/``: where a certificate's QR code leads."""
    answer = render(
        request,
        "verification/verify.html",
        {
            "reasons": [(code.value, _(text)) for code, text in REASONS.items()],
            "labels": [(name, _(text)) for name, text in LABELS.items()],
            "standings": [(code.value, _(text)) for code, text in STANDINGS.items()],
            "caution": _(CAUTION),
            "publisher": publisher() or _("市职改办"),
        },
    )
    answer["Content-Security-Policy"] = PAGE_POLICY
    return answer


@csrf_exempt  # Reads only, knows no session, and the kept page of an offline phone has no token.
@require_POST
def status(request: HttpRequest) -> HttpResponse:
    """``/v/status``: one word on the certificate of a credential that a key of ours signed.

    The same limit as the public query; a credential that doesn't hold and a certificate that
    isn't known are one answer.
    """
    count_question(request)
    verdict = verdict_on(request.POST.get("credential", ""), published_keys())
    if not verdict.valid or verdict.claims is None:
        record_lookup(way=Way.CODE, address=address_of(request))
        return JsonResponse({"status": Standing.UNKNOWN.value})
    claims, now = verdict.claims, standing(verdict.claims)
    record_lookup(
        way=Way.CODE,
        found=[claims.number] if now is not Standing.UNKNOWN else (),
        name=claims.name,
        number=claims.number,
        address=address_of(request),
    )
    answer = JsonResponse({"status": now.value})
    gone = [claims.number] if now in GONE else []
    question = Question("code", claims.name, "", claims.number, SightingChannel.CODE)
    return watched(answer, question, gone)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """``/v/worker.js``: keeps the page, the keys and, once used, the decoder for offline use."""
    routes = ("verification:verify", "well_known:keys", "verification:manifest")
    shell = [reverse(route) for route in routes]
    shell += [static(name) for name in SHELL]
    lazy = [static(name) for name in LAZY]
    name = "zc-verify-" + hashlib.sha256(json.dumps([shell, lazy]).encode()).hexdigest()[:12]
    files = json.dumps({"name": name, "shell": shell, "lazy": lazy}, indent=1)
    rest = json.dumps(static("verification/worker.js"))
    script = f"self.ZC = {files};\nimportScripts({rest});\n"
    answer = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """``/v/manifest.webmanifest``: the page as an app on the phone's screen."""
    about = {
        "name": _("职称证书扫码核验"),
        "short_name": _("证书核验"),
        "start_url": reverse("verification:verify"),
        "scope": reverse("verification:verify"),
        "display": "standalone",
        "background_color": "#f5f6f8",
        "theme_color": "#1d3f63",
        "icons": [{"src": static("web/icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    body = json.dumps(about, ensure_ascii=False)
    return HttpResponse(body, content_type="application/manifest+json; charset=utf-8")
