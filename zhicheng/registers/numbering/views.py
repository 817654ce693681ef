"""Pages of certificate numbers: rules with their history, a new rule, numbering a register."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.registers.models import NumberingRule
from zhicheng.registers.numbering import actions
from zhicheng.registers.numbering.forms import RuleForm
from zhicheng.registers.numbering.plan import Plan, plan_of
from zhicheng.registers.numbering.queries import state_of, units_to_number, visible_rules
from zhicheng.registers.numbering.rules import Place, Rule
from zhicheng.registers.numbering.taking import rule_of
from zhicheng.registers.offers import can_number
from zhicheng.registers.page import account_of, page_context, register_or_404
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.web.pages import page

SAMPLE_REGION = "500101"
SHOWN = 200
# What the buttons of the pattern's field put in.
INSERTS = (
    ("{年}", gettext_lazy("4位年份")),
    ("{年2}", gettext_lazy("2位年份")),
    ("{区县}", gettext_lazy("区县代码")),
    ("{单位}", gettext_lazy("单位代码")),
    ("{等级}", gettext_lazy("等级代码")),
    ("{流水5}", gettext_lazy("5位流水号")),
    ("{校验}", gettext_lazy("校验码")),
)


def samples(rule: Rule, year: int) -> list[tuple[str, str]]:
    """(grade, number): what the first certificates of each grade would be called."""
    region = rule.region or SAMPLE_REGION
    made = []
    sequence = rule.start
    for grade in Grade:
        made.append((str(grade.label), rule.format(sequence, Place(grade.value, year, region))))
        sequence += 0 if rule.per_grade else 1
        sequence = min(sequence, rule.highest)
    return made


@page(Action.NUMBERING_RULE_VIEW)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """All rules that the account may see, unit by unit, with those that came before."""
    account = account_of(request)
    today = timezone.localdate()
    found = list(visible_rules(account).order_by("unit__kind", "unit__name", "-valid_from", "-pk"))
    begun: set[int] = set()
    lines = []
    for rule in found:
        newest = rule.unit_id not in begun
        if rule.withdrawn_at is None and rule.valid_from <= today:
            begun.add(rule.unit_id)
        lines.append(_line(account, rule, newest, today.year))
    context = {
        "lines": lines,
        "may_set": units_to_number(account).exists(),
    }
    return render(request, "registers/numbering/rules.html", context)


def _line(account: Any, rule: NumberingRule, newest: bool, year: int) -> dict[str, Any]:
    state = state_of(rule, newest)
    tone = {"present": "accepted", "coming": "filed"}.get(state, "draft")
    return {
        "rule": rule,
        "key": str(rule.pk),
        "told": rule.spec.told(),
        "samples": samples(rule.spec, year),
        "tone": tone,
        "label": {
            "present": _("现行"),
            "coming": _("待启用"),
            "past": _("已被接替"),
            "withdrawn": _("已撤销"),
        }[state],
        "may_withdraw": state != "withdrawn"
        and not getattr(rule, "in_use", False)
        and may(account, Action.NUMBERING_RULE_WITHDRAW, rule),
    }


@page(Action.NUMBERING_RULE_SET)
@require_http_methods(["GET", "HEAD", "POST"])
def new_rule(request: HttpRequest) -> HttpResponse:
    """Sets a rule, seeing what it makes while it is typed."""
    account = account_of(request)
    units = units_to_number(account)
    asked = request.GET.get("unit", "")
    initial = {"unit": asked} if asked.isdecimal() else {"unit": account.organization_id}
    form = RuleForm(request.POST or None, units=units, initial=initial)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            rule = actions.set_rule(actor=account, unit=form.cleaned_data["unit"], **form.values())
        except NotPermitted:
            raise
        except Refusal as error:
            refusal = error
        else:
            messages.success(
                request,
                _("已设定%(unit)s的编号规则 %(pattern)s，自 %(day)s 起用。")
                % {
                    "unit": rule.unit.name,
                    "pattern": rule.pattern,
                    "day": rule.valid_from.isoformat(),
                },
            )
            return redirect("registers:numbering_rules")
    context = {
        "form": form,
        "refusal": refusal,
        "inserts": INSERTS,
        **_preview(form),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "registers/numbering/new.html", context, status=status)


@page(Action.NUMBERING_RULE_SET)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the rule as typed so far would make, or why it can't be used."""
    form = RuleForm(request.POST, units=units_to_number(account_of(request)))
    return render(request, "registers/numbering/_preview.html", _preview(form))


def _preview(form: RuleForm) -> dict[str, Any]:
    """Examples or problems; of the initial values while nothing was sent."""
    year = timezone.localdate().year
    if not form.is_bound:
        values = {name: form.get_initial_for_field(f, name) for name, f in form.fields.items()}
        unit = form.fields["unit"].queryset.filter(pk=values.pop("unit")).first()  # type: ignore[attr-defined]
    elif form.is_valid():
        unit, values = form.cleaned_data["unit"], form.values()
    else:
        return {"problems": [], "samples": [], "incomplete": True}
    if unit is None:
        return {"problems": [], "samples": [], "incomplete": True}
    rule = actions.draft_rule(unit, values)
    problems = rule.spec.problems()
    if problems:
        return {"problems": problems, "samples": [], "first": not form.is_bound}
    return {
        "problems": [],
        "samples": samples(rule.spec, year),
        "told": rule.spec.told(),
        "length": rule.spec.length,
        "highest": rule.spec.highest - rule.start + 1,
    }


@page(Action.NUMBERING_RULE_WITHDRAW)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a rule back that has given no number."""
    rule = get_object_or_404(visible_rules(account_of(request)), pk=pk)
    actions.withdraw_rule(actor=account_of(request), rule_id=rule.pk)
    messages.success(request, _("已撤销编号规则 %(pattern)s。") % {"pattern": rule.pattern})
    return redirect("registers:numbering_rules")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def numbers(request: HttpRequest, pk: int) -> HttpResponse:
    """Which rows would get which numbers; on confirmation they get them."""
    account = account_of(request)
    register = register_or_404(request, pk)
    if request.method == "POST":
        done = actions.assign_numbers(actor=account, register_id=register.pk)
        messages.success(
            request,
            _("已为 %(count)d 人分配证书编号：%(grades)s。")
            % {
                "count": len(done.rows),
                "grades": "；".join(
                    f"{share.label} {share.first} – {share.last}" for share in done.grades
                ),
            },
        )
        return redirect("registers:detail", pk)
    rule = rule_of(register.issuing_unit)
    plan: Plan | None = None
    refusal = None
    if rule is not None:
        try:
            plan = plan_of(register)
        except Refusal as error:
            refusal = error
    context = {
        **page_context(request, register, "detail"),
        "rule": rule,
        "told": rule.spec.told() if rule else "",
        "plan": plan,
        "shown": list(zip(plan.rows, plan.numbers, strict=True))[:SHOWN] if plan else [],
        "refusal": refusal,
        "may_number": can_number(account, register),
        "may_set": rule is None
        and units_to_number(account).filter(pk=register.issuing_unit_id).exists(),
    }
    return render(request, "registers/numbering/numbers.html", context)
