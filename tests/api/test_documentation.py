"""The page that describes the open interface."""

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_every_wide_table_is_a_region_with_a_name_of_its_own(client: Client) -> None:
    page = client.get("/api/v1/").content.decode()
    wraps = re.findall(r'<div class="zc-table-wrap"([^>]*)>(?:(?!</div>).)*', page, re.DOTALL)
    names = [re.findall(r'aria-label="([^"]+)"', wrap) for wrap in wraps]
    assert len(wraps) > 10 and page.count("<h3>参数</h3>") > 3
    assert all('role="region"' in wrap and 'tabindex="0"' in wrap for wrap in wraps)
    assert all(len(name) == 1 for name in names)
    assert len({name[0] for name in names}) == len(names)
