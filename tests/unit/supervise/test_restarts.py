"""When what ended is started again, and how its end is told."""

import pytest

from smsapp.supervise.process import Restarts, how_it_ended


def test_each_end_doubles_the_wait() -> None:
    ends = [100.0, 101.0, 103.0, 106.0]
    assert [Restarts().delay(ends[:count]) for count in (1, 2, 3, 4)] == [0.5, 1, 2, 4]


def test_the_fifth_end_within_a_minute_is_the_last() -> None:
    assert Restarts().delay([100.0, 101.0, 103.0, 106.0, 159.9]) is None


def test_ends_of_more_than_a_minute_ago_are_forgiven() -> None:
    assert Restarts().delay([100.0, 101.0, 103.0, 106.0, 160.0]) == 4
    assert Restarts().delay([100.0, 101.0, 103.0, 106.0, 900.0]) == 0.5


@pytest.mark.parametrize(
    ("returncode", "words"),
    [(0, "ended with exit status 0"), (3, "ended with exit status 3"), (-9, "was ended by SIGKILL")],
)
def test_an_end_is_told_in_words(returncode: int, words: str) -> None:
    assert how_it_ended(returncode) == words


def test_a_nameless_signal_is_told_by_its_number() -> None:
    assert how_it_ended(-200) == "was ended by signal 200"
