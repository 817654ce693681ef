"""States and who may move them, as one table per folder.

The guard, the buttons on the page, the audit text and the diagram in docs/ all come from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zhicheng.values.refusal import Refusal


@dataclass(frozen=True)
class Transition:
    """One permitted move: ``action`` takes an object from any of ``sources`` to ``target``."""

    action: str
    sources: frozenset[str]
    target: str
    label: str


class Lifecycle:
    """All states of one kind of object and the moves between them.

    ``states`` maps each state to its Chinese label; ``subject`` names the object in refusals.
    """

    def __init__(
        self, subject: str, states: Mapping[str, str], transitions: Iterable[Transition]
    ) -> None:
        self.subject = subject
        self.states = dict(states)
        self.transitions = tuple(transitions)
        for transition in self.transitions:
            unknown = (transition.sources | {transition.target}) - set(self.states)
            if unknown:
                raise ValueError(f"unknown states in lifecycle of {subject}: {sorted(unknown)}")

    def target(self, action: str, state: str) -> str:
        """The state after ``action``; raises Refusal when the state doesn't allow it."""
        for transition in self.transitions:
            if transition.action == action and state in transition.sources:
                return transition.target
        sources = self.sources(action)
        raise Refusal(
            "lifecycle.wrong_state",
            f"{self.subject}目前的状态不允许这一步操作。",
            clause="N18",
            found=self.states.get(state, state),
            expected="、".join(label for name, label in self.states.items() if name in sources),
            mend="请刷新页面，按页面上给出的下一步办理。",
        )

    def sources(self, action: str) -> frozenset[str]:
        """All states from which ``action`` is possible."""
        found: set[str] = set()
        for transition in self.transitions:
            if transition.action == action:
                found |= transition.sources
        return frozenset(found)

    def allowed(self, state: str) -> list[Transition]:
        """The moves that are possible from ``state``, in the table's order."""
        return [transition for transition in self.transitions if state in transition.sources]

    def mermaid(self) -> str:
        """The diagram for docs/, in Mermaid's stateDiagram syntax."""
        lines = ["stateDiagram-v2"]
        lines += [f"    {name}: {label}" for name, label in self.states.items()]
        for transition in self.transitions:
            for source in sorted(transition.sources):
                lines.append(f"    {source} --> {transition.target}: {transition.label}")
        return "\n".join(lines)
