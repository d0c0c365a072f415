"""The gateways by name, each made once for an application."""

import os

from flask import current_app

from smsapp.gateways import simulator
from smsapp.gateways.base import Gateway, ReceiptSource
from smsapp.gateways.simulator import Behaviour, Simulator

NAMES = (simulator.NAME,)


class NoSuchGateway(LookupError):
    """A campaign names a gateway that this installation does not have."""


def gateway(name: str) -> Gateway:
    """The gateway of this name; the campaign and the settings keep it."""
    made: dict[str, Gateway] = current_app.extensions.setdefault("smsapp_gateways", {})
    if name not in made:
        made[name] = _make(name)
    return made[name]


def receipt_sources() -> list[tuple[str, ReceiptSource]]:
    """The gateways that must be asked for receipts, with their names."""
    return [(name, source) for name in NAMES if isinstance(source := gateway(name), ReceiptSource)]


def _make(name: str) -> Gateway:
    if name == simulator.NAME:
        folder = current_app.extensions["smsapp_config"].data / simulator.NAME
        return Simulator(folder, Behaviour.from_env(os.environ))
    raise NoSuchGateway(name)
