"""The print job's states as one table: guard, buttons and the diagram in docs/printing.md."""

from zhicheng.certificates.printjobs.models import JobState as State
from zhicheng.organizations.permissions import Action
from zhicheng.values.lifecycle import Lifecycle, Transition

PRINT_JOB = Lifecycle(
    "打印任务",
    {state.value: str(state.label) for state in State},
    [
        Transition(
            Action.PRINT_JOB_PREPARE,
            frozenset({State.PREPARING.value}),
            State.READY.value,
            "生成打印文件",
        ),
        Transition(
            Action.PRINT_JOB_LOAD,
            frozenset({State.READY.value, State.PRINTING.value}),
            State.PRINTING.value,
            "确认纸盒首张编号",
        ),
        Transition(
            Action.PRINT_JOB_RECUT,
            frozenset({State.READY.value, State.PRINTING.value}),
            State.PREPARING.value,
            "调整打印顺序",
        ),
        Transition(
            Action.PRINT_JOB_CONFIRM,
            frozenset({State.PRINTING.value, State.PREPARING.value}),
            State.CONFIRMED.value,
            "确认打印结果",
        ),
        Transition(
            Action.PRINT_JOB_CANCEL,
            frozenset({State.PREPARING.value, State.READY.value, State.PRINTING.value}),
            State.CANCELLED.value,
            "取消",
        ),
    ],
)
