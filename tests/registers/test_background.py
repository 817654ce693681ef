"""What the worker does is what was asked for, whatever became of the account meanwhile (N18)."""

from tests.support.filing import Filing
from tests.support.working import work_off
from zhicheng.organizations.models import Account
from zhicheng.registers import background
from zhicheng.registers.models import Register
from zhicheng.work.models import WorkState


def test_a_file_of_one_unit_never_becomes_the_register_of_another(filing: Filing) -> None:
    content = filing.file(filing.lines(1))
    clerk = filing.city.who("hospital", "clerk")
    work = background.ask_upload(clerk, content=content, name="甲.xlsx", year=None)
    Account.objects.filter(pk=clerk.pk).update(organization=filing.city.enterprise)
    work_off()
    work.refresh_from_db()
    assert work.state == WorkState.REFUSED
    assert not Register.objects.exists()


def test_a_closed_account_does_nothing_more(filing: Filing) -> None:
    content = filing.file(filing.lines(1))
    clerk = filing.city.who("hospital", "clerk")
    work = background.ask_upload(clerk, content=content, name="甲.xlsx", year=None)
    Account.objects.filter(pk=clerk.pk).update(is_active=False)
    work_off()
    work.refresh_from_db()
    assert work.state == WorkState.REFUSED
    assert not Register.objects.exists()
