"""From 20 to 8 o'clock and on Sundays the confirmation says when it is, where the office is."""

import re

import pytest
import time_machine
from flask import Flask

from tests import factories
from tests.conftest import logged_in
from tests.web.checker import CheckedClient

FORM = {"sender": "", "phone_field": "mobile", "text": "Hallo", "send_key": "0123456789abcdef0123456789abcdef"}
NOTE = re.compile(r"Es ist ((?:Sonntag, )?\d\d:\d\d) Uhr\. Die SMS kommen jetzt an\.")


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-28 20:00+01:00", ["20:00"]),
        ("2026-11-28 23:59+01:00", ["23:59"]),
        ("2026-11-30 07:59+01:00", ["07:59"]),
        ("2026-11-29 12:00+01:00", ["Sonntag, 12:00"]),
        ("2026-11-28 19:59+01:00", []),
        ("2026-11-30 08:00+01:00", []),
        ("2026-07-06 08:00+02:00", []),  # in summer, too
        ("2026-07-06 20:00+02:00", ["20:00"]),
    ],
)
def test_a_late_hour_is_told_before_yes(app: Flask, moment: str, said: list[str]) -> None:
    factories.settings()
    factories.quota(10)
    factories.contact(mobile="+49 171 3920101")
    with time_machine.travel(moment, tick=False):
        sender = CheckedClient(logged_in(app, "sender"))
        answer = sender.fragment(f"/audiences/{factories.audience().id}/send/confirm", "POST", data=FORM)
    assert answer.status_code == 200
    assert NOTE.findall(answer.text) == said
