"""The components, on the page that shows them all."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from zhicheng.organizations.permissions import Role
from zhicheng.web.styleguide import TONES
from zhicheng.web.tasks import TaskGroup

pytestmark = pytest.mark.django_db
LogIn = Callable[[Role], Client]


@pytest.fixture
def page(log_in: LogIn) -> str:
    answer = log_in(Role.CLERK).get("/styleguide/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_components_are_shown_to_staff_alone(client: Client) -> None:
    assert client.get("/styleguide/").status_code == 302


def test_a_faulty_field_points_at_its_error(page: str) -> None:
    faulty = re.search(r'<input[^>]*name="faulty-recipient"[^>]*>', page)
    assert faulty
    assert 'aria-invalid="true"' in faulty[0]
    described = re.search(r'aria-describedby="([^"]+)"', faulty[0])
    assert described
    for name in described[1].split():
        assert f'id="{name}"' in page, name


def test_every_field_has_a_label(page: str) -> None:
    for field in re.findall(r"<(?:input|select|textarea)[^>]*>", page.split('id="content"')[1]):
        if 'type="hidden"' in field:
            continue
        name = re.search(r'\sid="([^"]+)"', field)
        labelled = "aria-label=" in field or (name and f'for="{name[1]}"' in page)
        assert labelled or re.search(
            r"<label[^>]*>[^<]*(<[^l][^>]*>[^<]*)*" + re.escape(field), page
        )


def test_what_the_examples_list_filters_by_can_be_chosen(page: str) -> None:
    state = re.search(r'<select name="state"[^>]*>(.*?)</select>', page, re.DOTALL)
    assert state
    offered = re.findall(r'<option value="([^"]*)">([^<]+)</option>', state[1])
    assert len(offered) == len(TONES) + 1
    assert offered[1:] == [(value, str(label)) for value, label in TONES]
    assert not re.sub(r"<option[^>]*>[^<]*</option>", "", state[1]).strip()


def test_a_remark_takes_no_id_number(page: str) -> None:
    assert "这里不能填写身份证号码" in page


def test_no_two_things_of_a_page_share_an_id(page: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_work_list_numbers_charts_bulk_bar_tour_and_search_are_shown(page: str) -> None:
    rows = re.findall(r'<li class="zc-task"[^>]*>', page)
    assert len(rows) == 3 and [("data-overdue" in row) for row in rows] == [True, False, False]
    assert 'data-chart="bar"' in page and 'data-chart="line"' in page and "charts.js" in page
    assert 'class="zc-tile zc-tile-bad"' in page and "data-needs-pick" in page
    assert 'class="zc-tour-done"' in page and 'class="zc-find-group"' in page


def test_rare_names_and_their_escapes(page: str) -> None:
    for name in ("𠮷田玉兰", "李㛃", "王䶮", "陈𬭸", "阿卜杜热西提·买买提吐尔逊"):
        assert name in page


@pytest.mark.parametrize(("days", "tone"), [(0, ""), (2, ""), (3, "wait"), (6, "wait"), (7, "bad")])
def test_n18_what_waits_too_long_stands_out(days: int, tone: str) -> None:
    waiting = TaskGroup("待受理", 1, "/", oldest=timezone.now() - timedelta(days=days, minutes=1))
    assert (waiting.days, waiting.tone) == (days, tone)
