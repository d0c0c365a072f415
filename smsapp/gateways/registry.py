"""The gateways by name, each made once for an application."""

import os

from flask import current_app

from smsapp.gateways import simulator
from smsapp.gateways.base import Gateway, ReceiptSource
from smsapp.gateways.simulator import Behaviour, Simulator
from smsapp.gateways.smpp import gateway as smpp
from smsapp.gateways.smpp.settings import from_env as smpp_settings


class NoSuchGateway(LookupError):
    """A campaign names a gateway that this installation does not have."""


def names() -> tuple[str, ...]:
    """The gateways that this installation has. One that is set wrongly is none; its worker says why (`check`)."""
    try:
        has_smpp = smpp_settings(os.environ) is not None
    except ValueError:
        has_smpp = False
    return (simulator.NAME, smpp.NAME) if has_smpp else (simulator.NAME,)


def check() -> None:
    """Raise ValueError, with a line for a person, if the environment asks for what cannot be."""
    smpp_settings(os.environ)
    Behaviour.from_env(os.environ)


def gateway(name: str) -> Gateway:
    """The gateway of this name; the campaign and the settings keep it."""
    made: dict[str, Gateway] = current_app.extensions.setdefault("smsapp_gateways", {})
    if name not in made:
        made[name] = _make(name)
    return made[name]


def receipt_sources() -> list[tuple[str, ReceiptSource]]:
    """The gateways that must be asked for receipts, with their names."""
    return [(name, source) for name in names() if isinstance(source := gateway(name), ReceiptSource)]


def _make(name: str) -> Gateway:
    if name == simulator.NAME:
        folder = current_app.extensions["smsapp_config"].data / simulator.NAME
        return Simulator(folder, Behaviour.from_env(os.environ))
    if name == smpp.NAME and (settings := smpp_settings(os.environ)):
        return smpp.Smpp(settings)
    raise NoSuchGateway(name)


def close_all() -> None:
    """End the connections of this process."""
    for each in current_app.extensions.get("smsapp_gateways", {}).values():
        if isinstance(each, smpp.Smpp):
            each.close()
