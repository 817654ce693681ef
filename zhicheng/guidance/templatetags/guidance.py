"""``{% help_of_page as chapter %}``: the chapter of the handbook that tells of this page."""

from django import template
from django.template.context import RequestContext

from zhicheng.guidance.places import chapter_of
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role

register = template.Library()


@register.simple_tag(takes_context=True)
def help_of_page(context: RequestContext) -> str:
    """The chapter's name; '' for nobody in particular and where no chapter tells of the page."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    account = getattr(request, "user", None)
    if match is None or not isinstance(account, Account):
        return ""
    return chapter_of(match.view_name or "", Role(account.role))
