"""What statuses, receipts, addresses and times mean in SMPP."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsapp.gateways.base import Accepted, AcceptedInPart, RefusedForGood, RefusedForNow, Result, Unknown
from smsapp.gateways.pace import FIRST_GAP, LONGEST_GAP, REST, Pace
from smsapp.gateways.smpp.fields import address, number_of, validity_period
from smsapp.gateways.smpp.receipts import Told, is_receipt, told
from smsapp.gateways.smpp.statuses import result, verdict

YES = Accepted("1")
LATER, NEVER, PERHAPS = RefusedForNow("throttled"), RefusedForGood("not_allowed"), Unknown("no_answer")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0x00, Accepted("id")),
        (0x58, RefusedForNow("throttled")),
        (0x14, RefusedForNow("queue_full")),
        (0x64, RefusedForNow("temporary_error")),
        (0x04, RefusedForNow("not_connected")),
        (0x0B, RefusedForGood("number_refused")),
        (0x45, RefusedForGood("not_allowed")),
        (0x03, RefusedForGood("not_understood")),
        (0x08, Unknown("smpp_status_0x8")),
        (0xFF, Unknown("smpp_status_0xff")),
        (0x412, Unknown("smpp_status_0x412")),
    ],
)
def test_only_a_definite_status_is_definite(status: int, expected: Result) -> None:
    assert result(status, "id") == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([YES], YES),
        ([Accepted("1"), Accepted("2")], Accepted("1 2", ("1", "2"))),
        ([YES, PERHAPS, NEVER], PERHAPS),
        ([YES, NEVER], AcceptedInPart("1", "not_allowed", ("1",))),
        ([LATER, YES], AcceptedInPart("1", "throttled", ("1",))),
        ([NEVER, LATER], NEVER),
        ([LATER, LATER], LATER),
    ],
)
def test_parts_together_make_one_answer(answers: list[Result], expected: Result) -> None:
    assert verdict(answers) == expected


TEXT = "id:{id} sub:001 dlvrd:{n} submit date:2611230914 done date:2611230915 stat:{stat} err:{err} text:Guten Tag"


@pytest.mark.parametrize(
    ("stat", "err", "state", "reason"),
    [
        ("DELIVRD", "000", "delivered", None),
        ("UNDELIV", "0", "undelivered", None),
        ("UNDELIV", "011", "undelivered", "err_011"),
        ("EXPIRED", "000", "expired", None),
        ("DELETED", "000", "undelivered", "deleted"),
        ("REJECTD", "000", "undelivered", "rejected_later"),
        ("ENROUTE", "000", None, None),
        ("ACCEPTD", "000", None, None),
        ("UNKNOWN", "000", "unknown", None),
        ("strange", "000", "strange", None),
    ],
)
def test_a_receipt_is_read_from_its_text(stat: str, err: str, state: str | None, reason: str | None) -> None:
    assert told(TEXT.format(id="a-1", n="001", stat=stat, err=err)) == Told("a-1", state, reason)


def test_parameters_outweigh_the_text() -> None:
    text = TEXT.format(id="1", n="000", stat="UNDELIV", err="000")
    assert told(text, receipted_id="FF", message_state=2) == Told("FF", "delivered", None)


def test_a_receipt_without_text_is_one_with_parameters() -> None:
    assert told("", "7", 5) == Told("7", "undelivered", None)


def test_the_sms_itself_forges_no_receipt() -> None:
    text = "id:5 stat:UNDELIV err:001 Text:id:6 stat:DELIVRD"
    assert told(text) == Told("5", "undelivered", "err_001")
    assert told("text: id:6 stat:DELIVRD") is None


def test_capitals_order_and_spaces_of_a_receipt_do_not_matter() -> None:
    assert told("stat: delivrd ID: 9") == Told("9", "delivered", None)


def test_a_receipt_that_says_nothing_yet_is_not_kept() -> None:
    on_its_way = told("id:5 stat:ENROUTE")
    assert on_its_way is not None
    assert on_its_way.incoming("raw") is None


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    found = told(text)
    assert found is None or found.reference


def test_the_class_tells_a_receipt_from_an_sms() -> None:
    assert [is_receipt(esm_class) for esm_class in (0x04, 0x20, 0x44, 0x00, 0x40, 0x08)] == [True] * 3 + [False] * 3


def test_the_kind_of_a_sender_gives_its_type() -> None:
    assert address("+358457396") == (1, 1, "358457396")
    assert address("KURZPOST") == (5, 0, "KURZPOST")
    assert address("17163") == (3, 0, "17163")


def test_incoming_numbers_get_their_plus() -> None:
    assert number_of("491711234567", 1) == "+491711234567"
    assert number_of("00491711234567", 0) == "+491711234567"
    assert number_of("+491711234567", 1) == "+491711234567"
    assert number_of("17163", 0) == "17163"


def test_a_validity_is_relative() -> None:
    assert validity_period(timedelta(hours=48)) == "000002000000000R"
    assert validity_period(timedelta(hours=5, minutes=30, seconds=9)) == "000000053009000R"


@pytest.mark.parametrize("wrong", [timedelta(), timedelta(days=-1), timedelta(days=15)])
def test_a_validity_that_cannot_be_is_an_error(wrong: timedelta) -> None:
    with pytest.raises(ValueError, match="validity"):
        validity_period(wrong)


def test_without_a_limit_nothing_waits() -> None:
    pace = Pace()
    pace.sent(5.0)
    assert pace.wait(5.0) == 0


def test_a_rate_spaces_out() -> None:
    pace = Pace(rate=10)
    pace.sent(5.0)
    assert pace.wait(5.0) == pytest.approx(0.1)


def test_throttling_rests_then_slows_down() -> None:
    pace = Pace()
    pace.throttled(5.0)
    assert pace.wait(5.0) == REST
    pace.sent(6.0)
    assert pace.wait(6.0) == pytest.approx(FIRST_GAP)


def test_a_window_of_throttled_answers_slows_down_once() -> None:
    pace = Pace()
    for moment in range(10):
        pace.throttled(5.0 + moment / 100)
    assert pace.gap == FIRST_GAP


def test_more_throttling_slows_down_more_up_to_a_limit() -> None:
    pace = Pace()
    for moment in range(20):
        pace.throttled(10.0 * moment)
    assert pace.gap == LONGEST_GAP


def test_it_recovers_slowly_and_wholly() -> None:
    pace = Pace()
    pace.throttled(5.0)
    for _ in range(10):
        pace.taken()
    assert 0 < pace.gap < FIRST_GAP
    for _ in range(90):
        pace.taken()
    assert pace.gap == 0


def test_it_never_gets_faster_than_its_rate() -> None:
    pace = Pace(rate=10)
    pace.throttled(5.0)
    for _ in range(200):
        pace.taken()
    assert pace.gap == pytest.approx(0.1)
