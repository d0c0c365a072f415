"""What the pages say of gateways: their kinds, each setting, what is wrong, and what came of a try."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from smsapp.gateways import reading, secret_box
from smsapp.gateways.reading import Unusable

KINDS: Final = {
    "simulator": (_l("Simulator"), _l("Sends nothing: for trying things out and for training.")),
    "smpp": (_l("SMPP"), _l("A line to the operator, by SMPP 3.4: fast, and delivery receipts come back by it.")),
    "kannel": (_l("Kannel"), _l("An SMS gateway in your house that takes SMS over HTTP.")),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is asked for; `more` is what is rarely changed."""

    name: str
    label: Any
    hint: Any
    default: str = ""
    choices: Mapping[str, Any] = field(default_factory=dict)
    more: bool = False


_YES_NO: Final = {"0": _l("no"), "1": _l("yes")}
_BINDS: Final = {
    "separate": _l("Two lines: one to send, one to receive"),
    "transceiver": _l("One line for both (transceiver)"),
}
_LONG: Final = {
    "udh": _l("With headers in the text (UDH), as most operators want"),
    "sar": _l("With sar_ parameters"),
    "payload": _l("Whole, as message_payload"),
}
_ANSWER: Final = Setting(
    "answer_seconds",
    _l("Seconds to wait for an answer"),
    _l("An SMS without an answer after this time counts as unclear. 0.1 to 15."),
    "10",
    more=True,
)
_VALIDITY: Final = Setting(
    "validity_hours",
    _l("Hours that the operator tries"),
    _l("How long the operator tries to deliver an SMS, for example to a phone that is off."),
    "24",
    more=True,
)

SETTINGS: Final[Mapping[str, tuple[Setting, ...]]] = {
    "simulator": (),
    "smpp": (
        Setting("host", _l("Server"), _l("Name or address of the operator's server, such as smpp.example.com.")),
        Setting(
            "port", _l("Port"), _l("The number that the operator names; usually 2775, with TLS often 3550."), "2775"
        ),
        Setting("system_id", _l("Login (system_id)"), _l("Your name at the operator, at most 15 characters.")),
        Setting(
            "tls",
            _l("Encrypted (TLS)"),
            _l("Choose yes if the operator offers it: texts are personal data."),
            "0",
            _YES_NO,
        ),
        Setting(
            "bind",
            _l("Lines"),
            _l("What the operator allows. Two lines are safer if it allows both."),
            "separate",
            _BINDS,
        ),
        Setting("system_type", _l("System type"), _l("Only if the operator names one."), more=True),
        Setting(
            "tls_ca",
            _l("File of certificates"),
            _l("Only if the operator's certificate is not a public one: where its file is on this machine."),
            more=True,
        ),
        Setting(
            "concatenation",
            _l("Long SMS"),
            _l("How the operator wants texts of several parts."),
            "udh",
            _LONG,
            more=True,
        ),
        Setting(
            "window",
            _l("SMS without an answer yet"),
            _l("How many SMS may be under way at once; ask the operator. 1 to 1000."),
            "10",
            more=True,
        ),
        _VALIDITY,
        _ANSWER,
        Setting(
            "enquire_seconds",
            _l("Seconds until a quiet line is checked"),
            _l("Less than after what the operator ends quiet lines."),
            "30",
            more=True,
        ),
    ),
    "kannel": (
        Setting("url", _l("Address of sendsms"), _l("For example http://kannel.example:13013/cgi-bin/sendsms.")),
        Setting("username", _l("Login (username)"), _l("Of a sendsms-user in Kannel's configuration.")),
        Setting(
            "base_url",
            _l("Our own address"),
            _l("How Kannel reaches this application, for delivery receipts, such as http://crm.example:8000."),
        ),
        Setting(
            "max_messages",
            _l("Parts of one SMS"),
            _l("As max-messages of the sendsms-user: Kannel cuts off whatever is longer, so it is refused here."),
            "1",
        ),
        Setting("window", _l("Requests at a time"), _l("1 to 100."), "10", more=True),
        _VALIDITY,
        _ANSWER,
    ),
}

_RULES: Final = {
    reading.MISSING: _l("Please fill this in."),
    reading.TEXT: _l("1 to %(most)s characters are possible here, without accents."),
    reading.ONE_OF: _l("Please choose one of the values."),
    reading.WHOLE: _l("Please enter a whole number from %(least)s to %(most)s."),
    reading.DECIMAL: _l("Please enter a number from %(least)s to %(most)s."),
    reading.ADDRESS: _l("Please enter an address that begins with http:// or https://."),
    secret_box.UNREADABLE: _l(
        "The stored password cannot be read, since the key of this installation has changed. Please enter it again."
    ),
}

_PROBED: Final = {
    "ok": (_l("It works: connected and logged in."), "good"),
    "simulated": (_l("The simulator is ready. It sends no real SMS."), "good"),
    "unknown_host": (_l("There is no server of this name. Is the name right?"), "bad"),
    "refused": (
        _l("The server refuses the connection. Is the port right, and does the operator allow this machine's address?"),
        "bad",
    ),
    "timed_out": (
        _l("The server has not answered in time. Is the address right, and does a firewall let us through?"),
        "bad",
    ),
    "certificate": (
        _l("The server's certificate is not trusted. Is the server's name right, or is a file of certificates needed?"),
        "bad",
    ),
    "tls": (_l("No encrypted connection came about. Does the operator offer TLS at this port?"), "bad"),
    "no_file": (_l("The file of certificates is not there."), "bad"),
    "closed": (_l("The server ended the connection at once. Does it expect TLS, or another port?"), "bad"),
    "not_connected": (_l("No connection came about."), "bad"),
    "wrong_password": (_l("The server is there, but does not accept the password."), "bad"),
    "wrong_system_id": (_l("The server is there, but does not know the login."), "bad"),
    "already_bound": (
        _l("The server is there, but says that this login is connected already. If we are, that is in order."),
        "warn",
    ),
    "wrong_login": (_l("Kannel is there, but does not accept the login or the password."), "bad"),
    "wrong_address": (_l("The server is there, but not at this address. Is the end of it right?"), "bad"),
    "strange_answer": (_l("Something answers there, but not as Kannel does."), "bad"),
    "bind_refused": (_l("The server is there, but refuses the login. Ask the operator."), "bad"),
    "failed": (_l("It could not be tried. The log has more."), "bad"),
}


def kind_label(kind: str) -> str:
    """What the kind is called."""
    return str(KINDS[kind][0]) if kind in KINDS else kind


def problem_sentence(problem: Unusable) -> str:
    """What is wrong with a setting, said at its field."""
    found = _RULES.get(problem.rule)
    return str(found) % problem.limits if found else str(_("This cannot be used."))


def problem_with_field(kind: str, problem: Unusable) -> str:
    """The same, said away from the field."""
    labels = {each.name: each.label for each in SETTINGS.get(kind, ())} | {"password": _("Password"), "rate": _("Rate")}
    return f"{labels.get(problem.field, problem.field)}: {problem_sentence(problem)}"


def probed(code: str, detail: str = "") -> tuple[str, str]:
    """What came of a try, and its tone."""
    sentence, tone = _PROBED.get(code, _PROBED["failed"])
    return f"{sentence} ({detail})" if detail and tone != "good" else str(sentence), tone
