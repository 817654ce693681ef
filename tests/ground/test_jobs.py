"""The worker proves what is on file, by the hour or the night, and keeps what it found."""

import logging

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from zhicheng.audit.jobs import verify_audit_chain
from zhicheng.certificates.jobs import reconcile_ledger
from zhicheng.proofs import queries
from zhicheng.proofs.actions import prove
from zhicheng.proofs.models import Proof, Subject
from zhicheng.search.jobs import check_search
from zhicheng.statistics.jobs import check_statistics

HOURLY = (verify_audit_chain, reconcile_ledger, check_search)


def work() -> None:
    """Run every job that waits, then stop."""
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()) as working:
        working.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def test_proofs_are_due_every_hour_and_what_takes_long_every_night() -> None:
    due = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    for task in HOURLY:
        minute, *rest = due[task.name].split()
        assert minute.isdigit()
        assert rest == ["*", "*", "*", "*"]
    minute, hour, *rest = due[check_statistics.name].split()
    assert minute.isdigit() and hour.isdigit() and rest == ["*", "*", "*"]


@pytest.mark.django_db(transaction=True)
def test_the_worker_keeps_what_the_proofs_found() -> None:
    for task in (*HOURLY, check_statistics):
        task.defer(timestamp=0)
    work()
    for subject in Subject:
        proof = queries.latest(subject)
        assert proof is not None
        assert proof.report["passed"] is proof.passed
        assert proof.finished_at >= proof.started_at


class Failing:
    """A proof that found somebody's name; only its report may carry it."""

    passed = False

    def as_dict(self) -> dict[str, object]:
        """One fault."""
        return {"passed": False, "faults": [{"kind": "row.changed", "message": "张三丰"}]}


@pytest.mark.django_db
def test_a_failed_proof_is_kept_and_logged_without_its_contents(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, logger="zhicheng.proofs"):
        proof = prove(Subject.LEDGER, Failing)
    assert Proof.objects.get(pk=proof.pk).passed is False
    assert "failed: 1 faults" in caplog.text
    assert "张三丰" not in caplog.text
