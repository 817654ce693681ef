"""The worker's part of a test: its real code, in this thread or beside a live server."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpResponse
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from zhicheng.work.models import UNFINISHED, Work
from zhicheng.work.running import run


def work_off() -> None:
    """Does everything that waits, in the order in which it was asked for.

    Only the queue is passed over: a test's transaction is invisible to another connection.
    """
    for pk in Work.objects.filter(state__in=UNFINISHED).order_by("pk").values_list("pk", flat=True):
        run(pk)


def worked(client: Client, answer: HttpResponse, *, follow: bool = True) -> HttpResponse:
    """What the page of the work that ``answer`` leads to shows: the result, or the refusal."""
    page = answer.headers.get("HX-Redirect") or answer.headers["Location"]
    assert page.startswith("/jobs/"), page
    work_off()
    return client.get(page, follow=follow)


@contextmanager
def background_worker() -> Iterator[None]:
    """A worker of the real queue in a thread, for tests whose data are committed."""
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    loop = asyncio.new_event_loop()
    started = threading.Event()
    task: asyncio.Task[None]

    async def live() -> None:
        nonlocal task
        task = asyncio.current_task()  # type: ignore[assignment]
        with app.replace_connector(connector.get_worker_connector()) as working:
            async with working.open_async():
                started.set()
                await working.run_worker_async(
                    install_signal_handlers=False,
                    fetch_job_polling_interval=0.2,
                    delete_jobs="successful",
                )

    def run_loop() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(live())
        except asyncio.CancelledError:
            pass
        finally:
            loop.close()

    thread = threading.Thread(target=run_loop, daemon=True)
    thread.start()
    assert started.wait(15)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(15)
