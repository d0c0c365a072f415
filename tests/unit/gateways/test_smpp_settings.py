"""What administrators enter for SMPP: clear errors, and the password in none of them."""

from datetime import timedelta

import pytest

from smsapp.gateways.reading import Unusable
from smsapp.gateways.smpp.encoding import Concatenation
from smsapp.gateways.smpp.settings import SmppSettings

NEEDED = {"host": "smpp.example", "system_id": "kurzpost"}


def read(password: str | None = "geheim", **others: str) -> SmppSettings:
    return SmppSettings.from_mapping(NEEDED | others, password)


def test_the_rest_has_defaults() -> None:
    assert read() == SmppSettings("smpp.example", "kurzpost", "geheim")
    assert read(port="", tls_ca="") == SmppSettings("smpp.example", "kurzpost", "geheim")


def test_everything_can_be_said() -> None:
    found = read(
        port="3550", tls="1", window="20", rate="12.5", concatenation="sar", validity_hours="2", bind="transceiver"
    )
    assert (found.port, found.tls, found.window, found.rate, found.bind) == (3550, True, 20, 12.5, "transceiver")
    assert (found.concatenation, found.validity) == (Concatenation.SAR, timedelta(hours=2))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "0"),
        ("port", "x"),
        ("port", "9" * 5000),
        ("window", "0"),
        ("rate", "-1"),
        ("rate", "nan"),
        ("tls", "yes"),
        ("bind", "both"),
        ("concatenation", "tcp"),
        ("answer_seconds", "60"),
        ("validity_hours", "10000"),
        ("system_id", "a" * 16),
        ("system_id", ""),
        ("host", "a b\n"),
    ],
)
def test_a_wrong_value_is_named_by_its_field_alone(name: str, value: str) -> None:
    with pytest.raises(Unusable, match=f"^{name} cannot be used") as caught:
        read(**{name: value})
    assert caught.value.field == name
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("password", ["nine char", "", None, "gehéim"])
def test_a_wrong_password_is_not_repeated(password: str | None) -> None:
    with pytest.raises(Unusable, match=r"^password cannot be used") as caught:
        read(password)
    assert not password or password not in f"{caught.value!r} {caught.value.limits}"
    assert caught.value.__cause__ is None


def test_the_password_is_not_shown() -> None:
    assert "geheim" not in repr(read())
