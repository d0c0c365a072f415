"""A Kannel for the tests: both of its boxes in a temporary folder, on ports of their own, set up by our example.

They run as an unprivileged user when the tests run as root. What they send goes to the operator that the tests of
SMPP use.
"""

import os
import pwd
import random
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from smsapp.gateways.kannel.settings import KannelSettings
from tests.faults.operator import Operator, until

EXAMPLE = Path(__file__).parents[1] / "docs/kannel.conf"
LOG_LEVEL = 1
PROGRAMS = ("bearerbox", "smsbox")


class Kannel:
    """Running from when it is made until `close`; `incoming` is where it brings SMS."""

    def __init__(self, operator: Operator, incoming: str = "http://127.0.0.1:9/") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kannel", dir="/tmp"))
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self.folder, self._user)
        self._spools = self.folder / "sms", self.folder / "receipts"
        self.forget()
        self.port, self._smsbox_port, self._admin_port = free_ports(3)
        self._config = self.folder / "kannel.conf"
        self._config.write_text(self._filled(operator, incoming))
        self._boxes: list[subprocess.Popen[bytes]] = []
        self.start()

    def settings(self, **others: object) -> KannelSettings:
        """How a gateway reaches it, as impatient as tests are."""
        return KannelSettings.from_mapping(self.values(**others), "geheim")

    def values(self, **others: object) -> dict[str, str]:
        """The same, as administrators enter it; the password is "geheim"."""
        how = {
            "answer_seconds": 2,
            "max_messages": 3,
            "base_url": "http://127.0.0.1:9",
            "username": "kurzpost",
        } | others
        url = f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"
        return {name: str(value) for name, value in {"url": url, **how}.items()}

    def start(self) -> None:
        """Start both boxes, and wait until SMS can be sent to the operator."""
        for name, port in zip(PROGRAMS, (self._smsbox_port, self.port), strict=True):
            self._boxes.append(self._start(name))
            self._until(lambda port=port: listens(port))  # type: ignore[misc]
        self._until(lambda: "(online" in self.status())

    def status(self) -> str:
        """What it says of its connections."""
        return httpx.get(f"http://127.0.0.1:{self._admin_port}/status.txt?password=geheim").text

    def kill(self) -> None:
        """As a power cut would."""
        for box in self._boxes:
            box.kill()
            box.wait()
        self._boxes.clear()

    def forget(self) -> None:
        """As if the disk were new: or it hands over again what it is not sure about, and no test could tell by whom."""
        for each in self._spools:
            shutil.rmtree(each, ignore_errors=True)
            each.mkdir()
            if self._user:
                shutil.chown(each, self._user)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def said(self) -> str:
        """What both boxes wrote to their logs."""
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))

    def _until(self, condition: Callable[[], object]) -> None:
        """Wait for this, unless a box has ended."""
        until(lambda: condition() or any(box.poll() is not None for box in self._boxes))
        assert condition(), self.said()

    def _filled(self, operator: Operator, incoming: str) -> str:
        """The example with what is true here."""
        everywhere = {
            **{"admin-port": self._admin_port, "smsbox-port": self._smsbox_port, "sendsms-port": self.port},
            **{"admin-password": "geheim", "smsc-password": "geheim", "password": "geheim"},
            **{"host": "127.0.0.1", "port": operator.port, "smsc-username": "kurzpost", "reconnect-delay": 1},
            **{"store-location": self._spools[0], "dlr-spool": self._spools[1], "http-queue-delay": 1},
            **{"get-url": incoming, "max-pending-submits": 10, "sms-resend-freq": 1},
        }
        lines = []
        for line in EXAMPLE.read_text().splitlines():
            found = re.match(r"([a-z-]+) = ", line)
            name = found[1] if found else ""
            value = everywhere.get(name)
            lines.append(line if value is None else f'{name} = "{value}"')
        return "\n".join(lines) + "\n"

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [str(found(name)), "-v", str(LOG_LEVEL), str(self._config)],
                cwd=self.folder,
                user=self._user,
                group=pwd.getpwnam(self._user).pw_gid if self._user else None,
                extra_groups=[] if self._user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def found(program: str) -> str | None:
    """Where this program of Kannel's is; administrators have its folder in their path, others may not."""
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")


def need_kannel() -> None:
    """A machine without Kannel cannot run these tests; where nothing may be skipped, that is a failure."""
    if not all(map(found, PROGRAMS)):
        pytest.skip("No Kannel: install it (Debian's package is `kannel`)")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, and that no connection is given by the system meanwhile."""
    ports: list[int] = []
    while len(ports) < count:
        port = random.randrange(12_000, 32_000)
        if port not in ports and is_free(port):
            ports.append(port)
    return ports


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
