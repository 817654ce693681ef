"""Saved views of an account, each change recorded."""

from django.db import transaction
from django.utils.translation import gettext as _

from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.statistics.areas import area_of
from zhicheng.statistics.models import SavedView
from zhicheng.statistics.saved import told
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

MOST = 50
PATHS = ("overview", "table", "compare", "process")


@retrying
def save_view(
    *,
    actor: Account,
    name: str,
    path: str,
    query: str,
    is_default: bool = False,
    replace: bool = False,
) -> SavedView:
    """Keeps an address under a name; with ``replace`` in place of what has that name.

    What opens first goes on doing so when it is replaced. Raises Refusal without a name, for an
    unknown page, when another page has the name, and when there are too many.
    """
    text = hide_id_numbers(name.strip())[:40]
    with recorded(actor, Action.STATISTICS_VIEW_SAVE) as record:
        require(actor, Action.STATISTICS_VIEW_SAVE)
        if not text or path not in PATHS or len(query) > 300:
            raise Refusal(
                "statistics.view_unnamed",
                _("统计视图没有保存。"),
                clause="N19",
                expected=_("写明视图名称（40 字以内）"),
                mend=_("请写明名称后再保存。"),
            )
        # One at a time for each account, so that there is one default and no more than so many.
        Account.objects.select_for_update(no_key=True).filter(pk=actor.pk).exists()
        mine = SavedView.objects.filter(account=actor)
        if mine.exclude(name=text).count() >= MOST:
            raise Refusal(
                "statistics.too_many_views",
                _("保存的统计视图太多。"),
                clause="N19",
                found=str(MOST),
                expected=_("不超过 %(most)d 个") % {"most": MOST},
                mend=_("请先删除不再使用的视图。"),
            )
        query = hide_id_numbers(query)
        same = mine.filter(name=text).first()
        if same is not None and not replace and (same.path, same.query) != (path, query):
            raise _name_taken(same, actor)
        is_default = is_default or (same is not None and same.is_default)
        if is_default:
            mine.exclude(name=text).update(is_default=False)
        view, _made = SavedView.objects.update_or_create(
            account=actor,
            name=text,
            defaults={"path": path, "query": query, "is_default": is_default},
        )
        record(subject=view, data={"name": text, "path": path, "default": is_default})
    return view


def _name_taken(view: SavedView, actor: Account) -> Refusal:
    return Refusal(
        "statistics.view_name_taken",
        _("您已有名为“%(name)s”的统计视图，没有保存。") % {"name": view.name},
        clause="N19",
        found=told(view, area_of(actor)),
        expected=_("您没有用过的视图名称"),
        mend=_("请换一个名称；要以当前页面替换它，请勾选“替换同名视图”后再保存。"),
    )


@retrying
def remove_view(*, actor: Account, view_id: int) -> None:
    """Forgets one of the account's own views."""
    with transaction.atomic(), recorded(actor, Action.STATISTICS_VIEW_REMOVE) as record:
        require(actor, Action.STATISTICS_VIEW_REMOVE)
        view = SavedView.objects.get(account=actor, pk=view_id)
        record(subject=view, data={"name": view.name})
        view.delete()
