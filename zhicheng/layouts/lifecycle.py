"""A layout's states and moves as one table."""

from zhicheng.layouts.models import LayoutState
from zhicheng.organizations.permissions import Action
from zhicheng.values.lifecycle import Lifecycle, Transition

LAYOUT = Lifecycle(
    "套打版式",
    {
        LayoutState.DRAFT.value: "草稿",
        LayoutState.IN_USE.value: "启用中",
        LayoutState.SUCCEEDED.value: "已被接替",
        LayoutState.DISCARDED.value: "已放弃",
    },
    (
        Transition(Action.LAYOUT_DRAFT, frozenset({"draft"}), "draft", "修改"),
        Transition(Action.LAYOUT_PUT_IN_USE, frozenset({"draft"}), "in_use", "启用"),
        Transition("layout:succeed", frozenset({"in_use"}), "succeeded", "新版本启用"),
        Transition(Action.LAYOUT_DISCARD, frozenset({"draft"}), "discarded", "放弃"),
    ),
)
