"""The operator that SMS go to in tests: node-smpp in a process of its own."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smsapp.gateways.smpp.settings import SmppSettings
from tests.lines import whole_lines

HERE = Path(__file__).parent
CERTIFICATE = HERE / "localhost.pem"
"""Made for these tests alone: nothing else trusts it. Its key is in the same file."""
PATIENCE = 15.0


class Operator:
    """Running from when it is made until `close`. Its log is the witness."""

    def __init__(self, folder: Path, tls: bool = False) -> None:
        self.log = folder / "operator.log"
        self.log.touch()
        argv = [_node(), HERE / "operator.js", self.log, *([CERTIFICATE] if tls else [])]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE)
        self.port = int(self._line())

    def order(self, what: str, **how: Any) -> Any:
        """Give an order; it is carried out when this returns, with its answer."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": what, **how}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._line())

    def seen(self, event: str | None = None) -> list[dict[str, Any]]:
        """What the witness says, of this event or of all."""
        events = [json.loads(line) for line in whole_lines(self.log)]
        return [each for each in events if event in (None, each["event"])]

    def taken(self) -> list[str]:
        """The numbers whose SMS (or parts) it took, in order."""
        return ["+" + each["destination_addr"] for each in self.seen("taken")]

    def settings(self, **others: Any) -> SmppSettings:
        """How a gateway reaches it, as impatient as tests are."""
        return SmppSettings.from_mapping(self.values(**others), "geheim")

    def values(self, **others: Any) -> dict[str, str]:
        """The same, as administrators enter it; the password is "geheim"."""
        how = {"answer_seconds": 1.0, "enquire_seconds": 30.0} | others
        found = {"host": "127.0.0.1", "port": self.port, "system_id": "kurzpost", **how}
        return {name: f"{value:d}" if isinstance(value, bool) else str(value) for name, value in found.items()}

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for this to be true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def _node() -> str:
    found = shutil.which("node", path=os.pathsep.join([str(HERE.parents[2] / ".venv/bin"), os.environ["PATH"]]))
    assert found, "the tests need Node.js: make installs it"
    return found
