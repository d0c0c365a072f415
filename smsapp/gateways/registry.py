"""The gateways by name, each made once for an application, and anew when its row has changed."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from flask import current_app

from smsapp.gateways import probing, secret_box
from smsapp.gateways.base import Gateway, ReceiptSource
from smsapp.gateways.kannel.gateway import Kannel
from smsapp.gateways.kannel.links import Links
from smsapp.gateways.kannel.settings import KannelSettings
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.probing import Probe, Probed
from smsapp.gateways.queries import SIMULATOR, all_gateways, gateway_row
from smsapp.gateways.reading import Unusable
from smsapp.gateways.secret_box import password_of
from smsapp.gateways.simulator import Behaviour, Simulator
from smsapp.gateways.smpp.gateway import Smpp
from smsapp.gateways.smpp.settings import SmppSettings

KANNEL: Final = "kannel"
SMPP: Final = "smpp"


class NoSuchGateway(LookupError):
    """A campaign names a gateway that this installation does not have, not any more, or not usably set up."""


class GatewayOff(NoSuchGateway):
    """The gateway is deactivated."""


class SettingsOfKind(Protocol):
    """What the settings of a kind are read by; raises Unusable (a ValueError)."""

    def from_mapping(self, values: Mapping[str, str], password: str | None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How a gateway of this kind is set up, made of its name and settings, and tried without sending."""

    settings: SettingsOfKind
    make: Callable[[str, Any], Gateway]
    probe: Probe


def _simulator(name: str, behaviour: Behaviour) -> Gateway:
    return Simulator(current_app.extensions["smsapp_config"].data / name, behaviour)


def links_of(name: str, base_url: str = "") -> Links:
    """The addresses under which the Kannel of this name reaches us."""
    return Links(base_url.rstrip("/"), name, secret_box.key())


def _kannel(name: str, settings: KannelSettings) -> Gateway:
    return Kannel(settings, links_of(name, settings.base_url))


KINDS: Final[dict[str, Kind]] = {
    SIMULATOR: Kind(Behaviour, _simulator, probing.simulator),
    SMPP: Kind(SmppSettings, lambda _name, settings: Smpp(settings), probing.smpp),
    KANNEL: Kind(KannelSettings, _kannel, probing.kannel),
}

Made = tuple[int, Gateway]
"""A gateway, and the version of the row that it was made of."""


def check() -> None:
    """Raise ValueError, with a line for a person, if the environment asks for what cannot be."""
    Behaviour.from_env(os.environ)


def gateway(name: str) -> Gateway:
    """The gateway of this name; raises NoSuchGateway if it is not there or not usably set up, or GatewayOff."""
    row = gateway_row(name)
    if row is None or not row.active:
        _drop(name)
        raise NoSuchGateway(name) if row is None else GatewayOff(name)
    try:
        return _gateway(row)
    except Unusable as error:
        raise NoSuchGateway(f"{name}: {error}") from None


def settings_of(row: GatewayRow) -> Any:
    """The settings of its kind; raises Unusable, also where the stored password cannot be read."""
    kind = KINDS.get(row.kind)
    if kind is None:
        raise Unusable("kind", f"this installation knows no {row.kind}")
    rate = {"rate": f"{row.rate:f}"} if row.rate else {}
    return kind.settings.from_mapping({**row.settings, **rate}, password_of(row))


def try_out(row: GatewayRow) -> Probed:
    """Whether it can be reached, found out within seconds; raises Unusable."""
    settings = settings_of(row)
    return probing.probe(KINDS[row.kind].probe, settings)


def receipt_sources() -> list[tuple[str, ReceiptSource]]:
    """The gateways that must be asked for receipts, with their names; also of those that send no more."""
    found: list[tuple[str, ReceiptSource]] = []
    for row in all_gateways():
        try:
            source = _gateway(row)
        except Unusable:
            continue
        if isinstance(source, ReceiptSource):
            found.append((row.name, source))
    return found


def when_made(call: Callable[[str, Gateway], None]) -> None:
    """Let this be called with every gateway that this application makes from now on."""
    current_app.extensions["smsapp_gateway_made"] = call


def close_changed() -> None:
    """End the connections to gateways that were changed or switched off; they are made anew when needed."""
    rows = {row.name: row for row in all_gateways() if row.active}
    for name, (version, _gateway) in list(_made().items()):
        if name not in rows or rows[name].version != version:
            _drop(name)


def close_all() -> None:
    """End the connections of this process."""
    for name in list(_made()):
        _drop(name)


def _gateway(row: GatewayRow) -> Gateway:
    version, found = _made().get(row.name, (0, None))
    if found is None or version != row.version:
        _drop(row.name)
        settings = settings_of(row)
        found = KINDS[row.kind].make(row.name, settings)
        _made()[row.name] = (row.version, found)
        if call := current_app.extensions.get("smsapp_gateway_made"):
            call(row.name, found)
    return found


def _drop(name: str) -> None:
    """Forget it, and end its connection where it keeps one."""
    _version, found = _made().pop(name, (0, None))
    if close := getattr(found, "close", None):
        close()


def _made() -> dict[str, Made]:
    made: dict[str, Made] = current_app.extensions.setdefault("smsapp_gateways", {})
    return made
