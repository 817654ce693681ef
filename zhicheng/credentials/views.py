"""The keys' page for the municipal office, and the published keys for everybody."""

import hashlib
import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_POST, require_safe

from zhicheng.credentials import actions, queries, rules
from zhicheng.credentials.forms import RevokeForm
from zhicheng.credentials.models import KeyState, SigningKey
from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.web.pages import account_of, page


@require_safe
@page(Action.SIGNING_KEY_VIEW)
def keys(request: HttpRequest) -> HttpResponse:
    """Every key with its days and what may be done with it."""
    account = account_of(request)
    can_end = may(account, Action.SIGNING_KEY_RETIRE)
    can_revoke = may(account, Action.SIGNING_KEY_REVOKE)
    every = list(SigningKey.objects.select_related("created_by"))
    return render(
        request,
        "credentials/keys.html",
        {
            "keys": [
                {
                    "key": key,
                    "fingerprint": hashlib.sha256(bytes(key.public_key)).hexdigest(),
                    "can_retire": can_end and key.state == KeyState.ACTIVE,
                    "can_revoke": can_revoke and key.state != KeyState.REVOKED,
                    # Several dialogs on one page: each field has an id of its own.
                    "revoke_form": RevokeForm(auto_id=f"id_{key.key_id}_%s"),
                }
                for key in every
            ],
            "active": next((key for key in every if key.state == KeyState.ACTIVE), None),
            "may_make": may(account, Action.SIGNING_KEY_GENERATE),
        },
    )


@require_POST
@page(Action.SIGNING_KEY_GENERATE)
def generate(request: HttpRequest) -> HttpResponseBase:
    """The first key, or one after all others ended."""
    key = actions.generate(actor=account_of(request))
    messages.success(request, _("已生成签名密钥 %(key)s，即日起使用。") % {"key": key.key_id})
    return redirect("credentials:keys")


@require_POST
@page(Action.SIGNING_KEY_ROTATE)
def rotate(request: HttpRequest) -> HttpResponseBase:
    """A new key in place of the active one."""
    key = actions.rotate(actor=account_of(request))
    text = _("已换用签名密钥 %(key)s；原密钥签过的证书仍可核验。") % {"key": key.key_id}
    messages.success(request, text)
    return redirect("credentials:keys")


@require_POST
@page(Action.SIGNING_KEY_RETIRE)
def retire(request: HttpRequest, key_id: str) -> HttpResponseBase:
    """Ends a key without another."""
    key = actions.retire(actor=account_of(request), key_id=key_id)
    messages.success(request, _("签名密钥 %(key)s 已停用。") % {"key": key.key_id})
    return redirect("credentials:keys")


@require_POST
@page(Action.SIGNING_KEY_REVOKE)
def revoke(request: HttpRequest, key_id: str) -> HttpResponseBase:
    """Declares a key void from a day on."""
    form = RevokeForm(request.POST)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise Refusal("signing_key.form", f"{form.fields[field].label}：{errors[0]}")
    key = actions.revoke(actor=account_of(request), key_id=key_id, **form.cleaned_data)
    messages.success(request, _("签名密钥 %(key)s 已作废。") % {"key": key.key_id})
    return redirect("credentials:keys")


def _as_json() -> bytes:
    published = rules.publish(queries.published_keys(), queries.publisher())
    return json.dumps(published, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"


def _tag(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(_as_json()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=_tag)
def key_set(request: HttpRequest) -> HttpResponse:
    """The keys as JWK Set with their days: what ``verify-credential --keys`` reads."""
    return _public(HttpResponse(_as_json(), content_type="application/json"))


@require_safe
@condition(etag_func=_tag)
def cose_key_set(request: HttpRequest) -> HttpResponse:
    """The keys as COSE_KeySet."""
    data = rules.publish_cose(queries.published_keys())
    return _public(HttpResponse(data, content_type="application/cose-key-set"))


def _public(answer: HttpResponse) -> HttpResponse:
    """For an hour out of any cache, from any page: nothing in it is secret."""
    answer["Cache-Control"] = "public, max-age=3600"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
