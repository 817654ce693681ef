"""The pure rules of limits and challenges: whatever comes, only a right solution lets through."""

import hashlib
import ipaddress
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhicheng.web.asking import questions, rules
from zhicheng.web.asking.rules import Counts, Limits, Ticket, Verdict, Why

unhurried = settings(deadline=None)
KEY = b"k" * 32
NOW = 1_800_000_000
tickets = st.builds(
    Ticket,
    st.integers(NOW - rules.VALID_SECONDS + 1, NOW),
    st.integers(rules.EASIEST, rules.HARDEST),
    st.binary(min_size=16, max_size=16),
)
addresses = st.one_of(st.ip_addresses().map(str), st.text(max_size=20)).map(rules.network_of)


def work(token: str, bits: int) -> str:
    """What the browser's worker finds."""
    for tried in count():
        digest = hashlib.sha256(f"{token}:{tried}".encode()).digest()
        if int.from_bytes(digest, "big") >> (256 - bits) == 0:
            return str(tried)
    raise AssertionError


# ---- tokens ----------------------------------------------------------------------------------


@unhurried
@given(tickets, addresses)
def test_a_challenge_is_read_back_by_whom_it_was_given_to(ticket: Ticket, address: str) -> None:
    assert rules.read(rules.sign(ticket, address, KEY), address, KEY, NOW) == ticket


@unhurried
@given(tickets, addresses, addresses, st.integers(0, 81), st.integers(1, 255))
def test_a_forged_foreign_or_expired_challenge_is_refused(
    ticket: Ticket, address: str, other: str, place: int, change: int
) -> None:
    token = rules.sign(ticket, address, KEY)
    raw = bytearray.fromhex(token)
    raw[place % len(raw)] ^= change
    assert rules.read(raw.hex(), address, KEY, NOW) is None
    if other != address:
        assert rules.read(token, other, KEY, NOW) is None
    assert rules.read(token, address, b"x" * 32, NOW) is None
    assert rules.read(token, address, KEY, ticket.issued + rules.VALID_SECONDS) is None
    assert rules.read(token, address, KEY, ticket.issued - 1) is None


@unhurried
@given(st.text(max_size=300))
def test_nonsense_is_no_challenge(text: str) -> None:
    assert rules.read(text, "203.0.113.7", KEY, NOW) is None


# ---- work and words --------------------------------------------------------------------------


@unhurried
@given(tickets, st.text(max_size=30))
def test_only_found_work_counts(ticket: Ticket, guess: str) -> None:
    token = rules.sign(ticket, "203.0.113.7", KEY)
    found = work(token, 8)
    assert rules.work_is_done(token, found, 8)
    assert not rules.work_is_done(token[:-1] + "_", found, 24)
    if not (guess.isascii() and guess.isdigit()):
        assert not rules.work_is_done(token, guess, 0)


@unhurried
@given(st.integers(0, 2**64 - 1))
def test_each_question_has_answers_that_are_right_however_they_are_typed(seed: int) -> None:
    asked = questions.question(seed)
    assert asked == questions.question(seed)
    assert asked.answers and asked.chinese and asked.english
    for answer in asked.answers:
        assert questions.is_right(asked, f" {answer.upper()}。 ")
    assert not questions.is_right(asked, "")
    assert not questions.is_right(asked, "不知道")


def test_a_number_may_be_an_english_word() -> None:
    asked = next(
        q for q in map(questions.question, count()) if "largest" in q.english and "42" in q.answers
    )
    for answer in ("forty-two", "Forty two", "42", "四十二"):
        assert questions.is_right(asked, answer)
    assert not questions.is_right(asked, "forty")


def test_there_are_many_questions_and_a_day_may_be_called_as_people_do() -> None:
    made = {questions.question(seed).chinese for seed in range(3000)}
    assert len(made) > 2000
    day = next(q for q in map(questions.question, count()) if "星期日" in q.answers)
    assert questions.is_right(day, "周日") and questions.is_right(day, "礼拜天")
    assert questions.is_right(day, "Sunday") and questions.is_right(day, "天") is False


@unhurried
@given(st.integers(0, 2**32))
def test_nobody_reads_a_question_in_no_time(seconds: int) -> None:
    ticket = Ticket(NOW, 16, b"n" * 16)
    assert rules.was_read(ticket, NOW + seconds) == (seconds >= rules.READING_SECONDS)


# ---- limits ----------------------------------------------------------------------------------

counts = st.builds(
    Counts,
    *[st.integers(0, 500)] * 2,
    st.floats(0, 100),
    *[st.integers(0, 100)] * 2,
    *[st.integers(0, 20_000)] * 2,
)


@unhurried
@given(counts)
def test_a_solution_never_makes_it_worse_and_ends_every_challenge(found: Counts) -> None:
    limits = Limits()
    bare, _why = rules.judge(found, limits, solved=False)
    solved, _why = rules.judge(found, limits, solved=True)
    assert solved is not Verdict.CHALLENGE
    assert (bare is Verdict.REFUSE) == (solved is Verdict.REFUSE)


@unhurried
@given(counts)
def test_no_limits_no_refusal(found: Counts) -> None:
    none = Limits(*[0] * len(Limits.__dataclass_fields__))
    assert rules.judge(found, none, solved=False) == (Verdict.ANSWER, Why.NONE)


@unhurried
@given(st.integers(0, 10**6))
def test_whoever_is_asked_about_by_others_is_challenged_and_never_refused(others: int) -> None:
    """An attacker exhausts my number: my own question still gets its answer."""
    mine = Counts(address_minute=1, address_hour=1, subject_hour=others, pair_hour=1)
    assert rules.judge(mine, Limits(), solved=True) == (Verdict.ANSWER, Why.NONE)
    assert rules.judge(mine, Limits(), solved=False)[0] is not Verdict.REFUSE


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (Counts(address_minute=30), (Verdict.ANSWER, Why.NONE)),
        (Counts(address_minute=31), (Verdict.CHALLENGE, Why.ADDRESS_MINUTE)),
        (Counts(address_minute=151), (Verdict.REFUSE, Why.ADDRESS_MINUTE)),
        (Counts(address_hour=301), (Verdict.CHALLENGE, Why.ADDRESS_HOUR)),
        (Counts(address_hour=1501), (Verdict.REFUSE, Why.ADDRESS_HOUR)),
        (Counts(misses_hour=2), (Verdict.ANSWER, Why.NONE)),
        (Counts(misses_hour=2.5), (Verdict.CHALLENGE, Why.MISSES)),
        (Counts(misses_hour=3), (Verdict.CHALLENGE, Why.MISSES)),
        (Counts(subject_hour=11), (Verdict.CHALLENGE, Why.SUBJECT)),
        (Counts(pair_hour=11), (Verdict.REFUSE, Why.PAIR)),
        (Counts(all_minute=3001), (Verdict.CHALLENGE, Why.EVERYBODY)),
        (Counts(all_misses=601), (Verdict.CHALLENGE, Why.EVERYBODY)),
        (Counts(all_minute=12001), (Verdict.REFUSE, Why.EVERYBODY)),
    ],
)
def test_the_limits(found: Counts, verdict: tuple[Verdict, Why]) -> None:
    assert rules.judge(found, Limits(), solved=False) == verdict


@unhurried
@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_the_work_rises_with_the_misses_and_has_an_end(first: float, second: float) -> None:
    low, high = sorted((first, second))
    easy, hard = (rules.bits_for(Counts(misses_hour=n), Limits()) for n in (low, high))
    assert rules.EASIEST <= easy <= hard <= rules.HARDEST


# ---- addresses -------------------------------------------------------------------------------


@unhurried
@given(st.ip_addresses(v=4), st.lists(st.text("0123456789.abcdef: ", max_size=15), max_size=4))
def test_what_a_client_writes_before_the_proxy_changes_nothing(
    seen: ipaddress.IPv4Address, forged: list[str]
) -> None:
    header = ", ".join([*forged, str(seen)])
    assert rules.client_address(header, 1) == str(seen)
    assert rules.client_address(f"{header}, 10.0.0.1", 2) == str(seen)


@unhurried
@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_an_ipv6_household_is_one_address(address: ipaddress.IPv6Address, host: int) -> None:
    if address.ipv4_mapped is not None:
        return
    neighbour = ipaddress.IPv6Address((int(address) >> 64 << 64) | host)
    if neighbour.ipv4_mapped is None:
        assert rules.network_of(str(address)) == rules.network_of(str(neighbour))
    assert rules.network_of(f"[{address}]") == rules.network_of(f"{address}%eth0")


def test_an_ipv4_address_in_ipv6_clothes_is_itself() -> None:
    assert rules.network_of("::ffff:203.0.113.7") == "203.0.113.7"
    assert rules.network_of("2001:db8:1:2:3::4") == "2001:db8:1:2::/64"


def test_an_hour_slides() -> None:
    assert rules.sliding(0, 10, 0) == 10
    assert rules.sliding(2, 10, 0.5) == 7
    assert rules.sliding(2, 10, 1) == 2
