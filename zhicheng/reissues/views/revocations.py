"""The office revokes a certificate, and shows the decision (N12, N18)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhicheng.certificates.queries import visible
from zhicheng.files.store import download, prepare
from zhicheng.organizations.permissions import Action
from zhicheng.reissues.models import Revocation
from zhicheng.reissues.revoking import Decision
from zhicheng.reissues.revoking import revoke as revoke_certificate
from zhicheng.reissues.staff_forms import RevokeForm
from zhicheng.web.forms import cleaned
from zhicheng.web.pages import account_of, page


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.CERTIFICATE_REVOKE)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """撤销: what the certificate says, the decision, and what follows."""
    account = account_of(request)
    certificate = get_object_or_404(visible(account).defer("register__source"), pk=pk)
    if request.method == "POST":
        values = cleaned(RevokeForm(request.POST, request.FILES))
        file = values.pop("file")
        revoke_certificate(
            actor=account,
            certificate_id=certificate.pk,
            decision=Decision(**values, file=prepare(file.read(), file.name)),
        )
        messages.success(
            request, _("已撤销证书 %(number)s，公众查询即刻生效。") % {"number": certificate.number}
        )
        return redirect("certificates:detail", certificate.pk)
    if not certificate.in_force:
        return redirect("certificates:detail", certificate.pk)
    context = {"certificate": certificate, "form": RevokeForm()}
    return render(request, "reissues/revoke.html", context)


@require_safe
@page(Action.REVOCATION_VIEW)
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """The scanned decision."""
    shown = get_object_or_404(
        Revocation.objects.select_related("file"),
        certificate__in=visible(account_of(request)).order_by().values("pk"),
        certificate=pk,
    )
    return download(shown.file, inline=True)
