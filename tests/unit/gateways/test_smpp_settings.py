"""What the environment says about SMPP: clear errors, and the password in none of them."""

from datetime import timedelta

import pytest

from smsapp.gateways.smpp.encoding import Concatenation
from smsapp.gateways.smpp.settings import SmppSettings, from_env

NEEDED = {"SMSAPP_SMPP_HOST": "smpp.example", "SMSAPP_SMPP_SYSTEM_ID": "kurzpost", "SMSAPP_SMPP_PASSWORD": "geheim"}


def read(**others: str) -> SmppSettings:
    found = from_env(NEEDED | {f"SMSAPP_SMPP_{name}": value for name, value in others.items()})
    assert found is not None
    return found


def test_without_a_host_there_is_no_gateway() -> None:
    assert from_env({}) is None
    assert from_env({"SMSAPP_SMPP_HOST": "", "SMSAPP_SMPP_PORT": "nonsense"}) is None


def test_the_rest_has_defaults() -> None:
    assert read() == SmppSettings("smpp.example", "kurzpost", "geheim")


def test_everything_can_be_said() -> None:
    found = read(
        PORT="3550", TLS="1", WINDOW="20", RATE="12.5", CONCATENATION="sar", VALIDITY_HOURS="2", BIND="transceiver"
    )
    assert (found.port, found.tls, found.window, found.rate, found.bind) == (3550, True, 20, 12.5, "transceiver")
    assert (found.concatenation, found.validity) == (Concatenation.SAR, timedelta(hours=2))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "x"),
        ("WINDOW", "0"),
        ("RATE", "-1"),
        ("RATE", "nan"),
        ("TLS", "yes"),
        ("BIND", "both"),
        ("CONCATENATION", "tcp"),
        ("ANSWER_SECONDS", "60"),
        ("VALIDITY_HOURS", "10000"),
        ("SYSTEM_ID", "a" * 16),
        ("SYSTEM_ID", ""),
        ("PASSWORD", "nine char"),
        ("PASSWORD", ""),
    ],
)
def test_a_wrong_value_is_named_by_its_variable_alone(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"SMSAPP_SMPP_{name} cannot be used") as caught:
        read(**{name: value})
    assert "nine char" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_password_is_not_shown() -> None:
    assert "geheim" not in repr(read())
