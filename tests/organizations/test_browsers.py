"""A browser in two words, and nothing of what was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhicheng.organizations.browsers import _BROWSERS, _SYSTEMS, browser_of

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (f"{WINDOWS} Chrome/131.0.0.0 Safari/537.36", "Chrome · Windows"),
        (f"{WINDOWS} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Edge · Windows"),
        (f"{WINDOWS} Chrome/86.0.4240.198 Safari/537.36 QIHU 360SE", "360 浏览器 · Windows"),
        (
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like"
                " Gecko) Version/17.4 Safari/605.1.15"
            ),
            "Safari · macOS",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"
                " (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.48"
            ),
            "微信 · iPhone",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Firefox · Linux",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/124.0.0.0 Mobile Safari/537.36"
            ),
            "Chrome · Android",
        ),
        (
            (
                "Mozilla/5.0 (X11; Linux aarch64; UOS) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/94.0 Safari/537.36"
            ),
            "Chrome · 统信 UOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko",
            "Internet Explorer · Windows",
        ),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_known_browsers_are_named(agent: str, said: str) -> None:
    assert browser_of(agent) == said


@given(st.text(max_size=200))
def test_only_words_of_ours_come_out(agent: str) -> None:
    known = {name for _mark, name in (*_BROWSERS, *_SYSTEMS)} | {""}
    said = browser_of(agent)
    assert set(said.split(" · ")) <= known
    assert len(said) <= 40
