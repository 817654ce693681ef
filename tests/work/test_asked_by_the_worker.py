"""Work that is asked for within the worker joins the transaction that asks for it."""

import pytest
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.support.city import found_city
from zhicheng.values.refusal import Refusal
from zhicheng.work.actions import ask_for
from zhicheng.work.kinds import Job, register_kind
from zhicheng.work.models import Work


def _first(job: Job) -> None:
    with transaction.atomic():
        ask_for("test.second", account=job.account, subject="后一步", back="/")
        if job.parameters["refused"]:
            raise Refusal("test.refused", "不办理。")
        job.finish("/", "已办理")


def _second(job: Job) -> None:
    with transaction.atomic():
        job.finish("/", "已办理")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("refused", [True, False])
def test_it_is_queued_with_its_row_and_not_before(refused: bool) -> None:
    register_kind("test.first", "前一步", _first)
    register_kind("test.second", "后一步", _second)
    clerk = found_city().who("health", "clerk")
    ask_for(
        "test.first",
        account=clerk,
        subject="前一步",
        back="/",
        parameters={"refused": refused},
    )
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()) as working:
        working.run_worker(
            wait=False, concurrency=1, install_signal_handlers=False, listen_notify=False
        )
    states = dict(Work.objects.values_list("kind", "state"))
    wanted = {"test.first": "refused"} if refused else {"test.first": "done", "test.second": "done"}
    assert states == wanted
    statuses = ProcrastinateJob.objects.filter(task_name="zhicheng.work.run")
    assert set(statuses.values_list("status", flat=True)) == {"succeeded"}
