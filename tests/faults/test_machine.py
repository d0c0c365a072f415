"""`python app.py` as a newcomer starts it: every real process, on a data folder and a port of its own."""

import os
import signal
import socket
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.faults.machine import PATIENCE, Machine, wait_until_gone

pytestmark = pytest.mark.faults

START = (sys.executable, "app.py")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def health(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=15) as answer:
        return int(answer.status)


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A new data folder, a free port, no database or queue of the outside."""
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SMSAPP_DEMO", "HOST"):
        monkeypatch.delenv(name, raising=False)
    return {"SMSAPP_DATA": str(tmp_path / "data"), "PORT": str(free_port()), "SMSAPP_DEMO_PASSWORD": "Winterabend-2026"}


def test_it_starts_mends_the_web_server_and_ends_at_an_interrupt(tmp_path: Path, env: dict[str, str]) -> None:
    port = int(env["PORT"])
    with Machine(tmp_path, *START, env=env) as machine:
        machine.wait_for(f"Ready: http://127.0.0.1:{port}\n")
        assert health(port) == 200
        everyone = machine.descendants()
        os.kill(machine.child_with_children(), signal.SIGKILL)
        machine.wait_for("web was ended by SIGKILL. Starting it again in 0.5 seconds.")
        assert health(port) == 200  # the request waits for the new server
        everyone |= machine.descendants()
        before = machine.printed
        assert machine.signal_and_wait(signal.SIGINT) == 0
    assert machine.printed == f"{before}smsapp     | SIGINT: stopping.\n"  # nothing had to be killed
    wait_until_gone(everyone)
    assert "Traceback" not in machine.printed


def test_a_taken_port_is_one_clear_line(tmp_path: Path, env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with Machine(tmp_path, *START, env={**env, "PORT": str(port)}) as machine:
            assert machine.popen.wait(PATIENCE) == 1
    (line,) = machine.printed.splitlines()
    assert line.startswith(f"Port {port} on 127.0.0.1 cannot be used (Address already in use).")


@pytest.mark.parametrize("folder", ["/proc/nowhere", __file__], ids=["not ours", "a file"])
def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path, env: dict[str, str], folder: str) -> None:
    with Machine(tmp_path, *START, env={**env, "SMSAPP_DATA": folder}) as machine:
        assert machine.popen.wait(PATIENCE) == 1
    (line,) = machine.printed.splitlines()
    assert line.startswith(f"The data folder {folder} cannot be written:")
