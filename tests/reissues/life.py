"""Random lives of applications beside a plain model: every order of every step (N10-N14).

The model knows no database: sets, words and counters. Each step is tried in the database exactly
when the rules of Hypothesis say so, and must happen or be refused as the model says.
"""

from tests.reissues.life_applicant import ApplicantLife
from tests.reissues.life_blank import BlankLife
from tests.reissues.life_opinions import OpinionLife
from tests.reissues.life_steps import STEPS
from tests.reissues.life_truths import TrueLife

__all__ = ["STEPS", "ReissueLife"]


class ReissueLife(ApplicantLife, OpinionLife, BlankLife, TrueLife):
    """All groups of steps; each life is a transaction that is rolled back."""
