"""The components of every page; ``docs/web.md`` shows each with an example."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.forms import BoundField, Form
from django.template.context import RequestContext
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from zhicheng.organizations.guard import Subject, may
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial
from zhicheng.web.badges import badge
from zhicheng.web.clauses import CLAUSES, clause_of
from zhicheng.web.panels import panels_of
from zhicheng.web.purposes import PURPOSES
from zhicheng.web.saying import say

register = template.Library()
register.filter("say", say)
register.simple_tag(badge)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture from the sprite; decorative unless it has a label."""
    href = f"{static('vendor/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.simple_tag
def clause(identifier: str) -> SafeString:
    """A clause of the notice as a link to its words."""
    if identifier not in CLAUSES:
        return SafeString("")
    return format_html(
        '<a class="zc-clause" href="/notice/#{}" title="{}">{}</a>',
        identifier,
        say(CLAUSES[identifier].title),
        identifier,
    )


@register.simple_tag
def clause_of_refusal(refusal: Refusal | Mapping[str, str]) -> SafeString:
    """The clause that a refusal rests on, as a link; a refused job keeps its refusal as data."""
    if isinstance(refusal, Mapping):
        return clause(clause_of(refusal.get("rule", ""), refusal.get("clause", "")))
    return clause(clause_of(refusal.rule, refusal.clause))


@register.simple_tag(takes_context=True)
def panels(context: RequestContext) -> SafeString:
    """What other folders put above this page's content (web/panels.py)."""
    request = context.get("request")
    return mark_safe("".join(panels_of(request)) if request is not None else "")  # noqa: S308


@register.simple_tag(takes_context=True)
def about(context: RequestContext) -> SafeString:
    """What the page is for and its clause, where its own head doesn't say so (web/purposes.py)."""
    match = getattr(context.get("request"), "resolver_match", None)
    sentence, identifier = PURPOSES.get(match.view_name, ("", "")) if match else ("", "")
    said = (
        format_html('<span class="zc-about">{}</span> ', sentence) if sentence else SafeString("")
    )
    return said + clause(identifier)


@register.simple_tag(takes_context=True)
def allowed(context: RequestContext, action: str, subject: Subject | None = None) -> bool:
    """``{% allowed "unit:register:submit" register as can %}``: asks the permission table."""
    request = context.get("request")
    return request is not None and may(request.user, Action(action), subject)


@register.filter
def serial(value: object) -> str:
    """A blank's serial as it stands on paper."""
    return format_serial(int(str(value))) if value not in (None, "") else ""


@register.inclusion_tag("web/components/empty.html")
def empty(title: str, text: str = "", url: str = "", label: str = "") -> dict[str, str]:
    """What a page says when there is nothing, and what to do next."""
    return {"title": title, "text": text, "url": url, "label": label}


@register.inclusion_tag("web/components/steps.html")
def steps(items: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """The path of an object: items with ``label``, ``state`` (done, now, todo), ``note``."""
    return {"items": items}


@register.inclusion_tag("web/components/tabs.html")
def tabs(items: Sequence[Mapping[str, Any]], label: str) -> dict[str, object]:
    """The sections of a page: items with ``label``, ``url``, ``current`` and perhaps ``count``.

    ``label`` names the whole for a screen reader.
    """
    return {"items": items, "label": label}


@register.inclusion_tag("web/components/timeline.html")
def timeline(entries: Iterable[Any]) -> dict[str, object]:
    """Who did what, newest first: entries with ``at``, ``label``, ``who``, ``organization``.

    ``details`` is a list of texts; ``url`` leads to the event, where there is a page of it.
    """
    return {"entries": entries}


@register.inclusion_tag("web/components/findings.html")
def findings(items: Iterable[Any]) -> dict[str, object]:
    """The faults of a file as a table: items as :class:`zhicheng.values` findings are made.

    Each has ``row`` (the Excel row or None), ``column``, ``severity`` (error, warning, tidied),
    ``message``, ``clause``, ``value`` and ``suggestion``.
    """
    return {"items": items}


@register.inclusion_tag("web/components/progress.html")
def progress(value: int, total: int, label: str) -> dict[str, object]:
    """How far a long job is; ``label`` says which and is read out."""
    return {"value": min(value, total), "total": total, "label": label}


@register.inclusion_tag("web/components/chart.html")
def chart(
    kind: str, table: str, label: str, *, unit: str = "", line: object = "", line_label: str = ""
) -> dict[str, object]:
    """A picture of a table on the same page, so that every chart has its numbers beside it.

    ``kind`` is line, stack (lying bars of parts), bar or rows (lying bars, for long names);
    ``table`` the table's id. Its columns with ``data-series`` are drawn, its rows with
    ``data-category`` are the places on the axis; a cell's number is its text or its
    ``data-value``; a row with ``data-mark`` is drawn in red. ``line`` draws a level with a name.
    Needs ``web/components/chart_scripts.html`` in the head.
    """
    return {
        "kind": kind,
        "table": table,
        "label": label,
        "unit": unit,
        "line": line,
        "line_label": line_label,
    }


@register.inclusion_tag("web/components/form.html")
def form_fields(form: Form) -> dict[str, object]:
    """All fields of a form with labels, hints and errors that a screen reader finds."""
    return {"form": form}


@register.inclusion_tag("web/components/field.html")
def field(bound: BoundField) -> dict[str, object]:
    """One field of a form."""
    return {"field": bound}


@register.inclusion_tag("web/components/confirm.html", takes_context=True)
def confirm(
    context: RequestContext,
    identifier: str,
    url: str,
    label: str,
    question: str,
    *,
    detail: str = "",
    tone: str = "primary",
    form: Form | None = None,
    icon_name: str = "",
    confirmation: str = "",
    body: str = "",
) -> dict[str, object]:
    """A button that asks before it posts: for what can't be undone.

    The second button says 确认 and the label, unless ``confirmation`` says it better; ``body`` is a
    template that lays out the form's fields instead of one below the other.
    """
    return {
        "identifier": identifier,
        "url": url,
        "label": label,
        "question": question,
        "detail": detail,
        "tone": tone,
        "form": form,
        "body": body,
        "icon_name": icon_name,
        "confirmation": confirmation,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("web/components/scanner.html")
def scanner(
    target: str, label: str, *, lookup: str = "", picks: str = "", name: str = ""
) -> dict[str, str]:
    """A box for a keyboard-wedge scanner: each Enter looks its text up in ``target``'s table.

    A text that the page doesn't show is asked of ``lookup`` (POST ``text``; answers JSON
    ``{"value", "label"}``, value null for what can't be ticked, or 404) and ticked in the list
    with the id ``picks`` as ``name``. An answer ``{"outcome", "label"}`` is only shown: known and
    again are good, any other outcome is bad. Without a ``lookup`` the alarms are asked, so that a
    blank which is out of control is noticed wherever it is scanned.
    """
    return {
        "target": target,
        "label": label,
        "lookup": lookup or _alarms(),
        "picks": picks,
        "name": name,
    }


def _alarms() -> str:
    try:
        return reverse("blanks:scan")
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changes: object) -> str:
    """The page's own address with some query parameters changed (None removes one)."""
    parameters = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None:
            parameters.pop(key, None)
        else:
            parameters[key] = str(value)
    encoded = parameters.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    """``mapping[key]`` or nothing."""
    return mapping.get(key) if mapping else None
