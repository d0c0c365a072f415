"""The supervisor with small stand-in processes: real signals, real deaths, nothing left behind."""

import contextlib
import json
import os
import pty
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smsapp.supervise.guard import SECONDS_TO_END
from smsapp.supervise.queue_server import answers, queue_server
from tests.faults.machine import PATIENCE, Machine, wait_until, wait_until_gone

pytestmark = pytest.mark.faults

# Runs the supervisor on the steps and processes given as JSON.
DRIVER = """
import json, sys
from pathlib import Path
from smsapp.supervise.process import Process, Restarts
from smsapp.supervise.supervisor import Supervisor

spec = json.loads(sys.argv[1])
def process(name, argv, socket=None):
    return Process(name, tuple(argv), socket=Path(socket) if socket else None)
processes = [process(**each) for each in spec["processes"]]
supervisor = Supervisor([p.name for p in processes], Path(spec["folder"]), Restarts(first_delay=0.02))
notes = [supervisor.step(process(**each)) for each in spec["steps"]]
try:
    status = supervisor.run(processes, lambda: "announced " + repr(notes))
finally:
    supervisor.close()
sys.exit(status)
"""

DRIVE = (sys.executable, "-c", DRIVER)

SLEEPS = "import os, signal; print('up', os.getpid(), flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPS
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); {SLEEPS}"

# Becomes ready half a second after its start.
SLOW_SERVICE = """
import socket, time
time.sleep(0.5)
with socket.socket(socket.AF_UNIX) as server:
    server.bind({path!r})
    server.listen()
    while True:
        with server.accept()[0] as client:
            if client.recv(16):
                client.sendall(b"+PONG")
"""


def stand_in(name: str, code: str, path: Path | None = None) -> dict[str, object]:
    return {"name": name, "argv": [sys.executable, "-c", code], "socket": path and str(path)}


def interrupt(machine: Machine) -> bool:
    """Send one more SIGINT; whether it has ended."""
    machine.popen.send_signal(signal.SIGINT)
    return machine.popen.poll() is not None


Start = Callable[..., Machine]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a supervisor for these stand-ins; it is killed at the end, and its guard does the rest."""
    with contextlib.ExitStack() as stack:

        def start_one(
            *processes: dict[str, object],
            steps: tuple[dict[str, object], ...] = (),
            folder: Path = tmp_path / "private",
            stdout: int | None = None,
        ) -> Machine:
            folder.mkdir(exist_ok=True)
            spec = {"folder": str(folder), "processes": processes, "steps": steps}
            return stack.enter_context(Machine(tmp_path, *DRIVE, json.dumps(spec), stdout=stdout))

        yield start_one


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_leaves_no_process_behind(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    machine = start(stand_in("web", PARENT), stand_in("sweep", SLEEPS))
    machine.wait_for(" | up", times=3)
    everyone = machine.descendants()
    assert len(everyone) == 4  # web, its child, sweep, the guard
    assert machine.signal_and_wait(number) == 0
    wait_until_gone(everyone)
    assert not (tmp_path / "private").exists()
    assert "ended" not in machine.printed


def test_a_killed_supervisor_leaves_no_process_behind(start: Start, tmp_path: Path) -> None:
    machine = start(stand_in("web", PARENT), stand_in("send", STUBBORN))
    machine.wait_for(" | up", times=3)
    everyone = machine.descendants()
    machine.signal_and_wait(signal.SIGKILL)
    wait_until_gone(everyone)
    assert not (tmp_path / "private").exists()


def test_the_guard_waits_for_nobody_when_all_have_ended(start: Start) -> None:
    machine = start(stand_in("web", SLEEPS), stand_in("send", SLEEPS))
    machine.wait_for(" | up", times=2)
    everyone = machine.descendants()
    killed_at = time.monotonic()
    machine.signal_and_wait(signal.SIGKILL)
    wait_until_gone(everyone)
    assert time.monotonic() - killed_at < SECONDS_TO_END


def test_a_closed_terminal_ends_everything(start: Start) -> None:
    terminal, our_end = pty.openpty()
    machine = start(stand_in("web", SLEEPS), stdout=our_end)
    os.close(our_end)
    seen = b""
    while b"| up" not in seen:
        seen += os.read(terminal, 4096)
    everyone = machine.descendants()
    os.close(terminal)
    assert machine.popen.wait(PATIENCE) != 0
    wait_until_gone(everyone)


def test_a_second_interrupt_kills_a_process_that_does_not_end(start: Start) -> None:
    machine = start(stand_in("send", STUBBORN))
    machine.wait_for("send   | up")
    machine.popen.send_signal(signal.SIGINT)

    wait_until(lambda: interrupt(machine), lambda: "the end", patience=15)  # a process gets 20 seconds
    assert "send does not end; it is killed." in machine.printed


def test_a_killed_process_is_named_and_started_again(start: Start) -> None:
    machine = start(stand_in("web", SLEEPS), stand_in("sweep", SLEEPS))
    machine.wait_for(" | up", times=2)
    os.kill(machine.pid("web"), signal.SIGKILL)
    machine.wait_for("web    | up", times=2)
    assert "smsapp | web was ended by SIGKILL. Starting it again in 0.02 seconds." in machine.printed
    assert machine.printed.count("sweep  | up") == 1


def test_a_process_that_ends_five_times_makes_us_give_up(start: Start) -> None:
    machine = start(stand_in("web", SLEEPS), stand_in("sweep", "raise SystemExit(3)"))
    assert machine.popen.wait(PATIENCE) == 1
    lines = [line for line in machine.printed.splitlines() if "sweep ended" in line]
    assert [line.rpartition(". ")[2] for line in lines] == [
        "Starting it again in 0.02 seconds.",
        "Starting it again in 0.04 seconds.",
        "Starting it again in 0.08 seconds.",
        "Starting it again in 0.16 seconds.",
        "Giving up.",
    ]
    assert "sweep ended with exit status 3, 5 times within a minute. Giving up." in lines[-1]


def test_a_failed_step_starts_nothing(start: Start) -> None:
    failing = stand_in("migrate", "import sys; print('half done'); sys.exit('no such table')")
    machine = start(stand_in("web", SLEEPS), steps=(failing,))
    assert machine.popen.wait(PATIENCE) == 1
    assert "| half done" in machine.printed
    assert "| no such table" in machine.printed
    assert "migrate ended with exit status 1. Nothing was started." in machine.printed
    assert "up" not in machine.printed


def test_what_a_step_prints_reaches_the_announcement(start: Start) -> None:
    machine = start(stand_in("web", SLEEPS), steps=(stand_in("demo", "print('login admin')"),))
    machine.wait_for("announced ['login admin']")


def test_a_step_can_be_interrupted(start: Start) -> None:
    machine = start(
        stand_in("web", SLEEPS),
        steps=(stand_in("migrate", f"import sys; sys.stdout = sys.stderr; {SLEEPS}"),),
    )
    machine.wait_for("| up")
    everyone = machine.descendants()
    assert machine.signal_and_wait(signal.SIGINT) == 0
    wait_until_gone(everyone)


def test_a_program_that_does_not_exist_is_one_clear_line(start: Start) -> None:
    machine = start({"name": "web", "argv": ["/nonexistent/program"]})
    assert machine.popen.wait(PATIENCE) == 1
    assert "smsapp | web cannot be started: [Errno 2]" in machine.printed


def test_without_its_guard_the_supervisor_stops(start: Start) -> None:
    machine = start(stand_in("web", SLEEPS))
    machine.wait_for(" | up")
    everyone = machine.descendants()
    os.kill(machine.guard(), signal.SIGKILL)
    assert machine.popen.wait(PATIENCE) == 1
    assert "The guard process was ended by SIGKILL; stopping." in machine.printed
    wait_until_gone(everyone)


def test_processes_wait_for_the_service_before_them(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "q"
    machine = start(
        stand_in("queue", SLOW_SERVICE.format(path=str(path)), path),
        stand_in("send", f"import socket; socket.socket(socket.AF_UNIX).connect({str(path)!r}); {SLEEPS}"),
    )
    machine.wait_for("send   | up")
    assert "Starting it again" not in machine.printed


def test_a_killed_queue_server_comes_back(start: Start) -> None:
    server = queue_server()
    path = server.socket
    assert path
    machine = start({"name": server.name, "argv": server.argv, "socket": str(path)}, folder=path.parent)
    wait_until(lambda: answers(path), lambda: "the queue server")
    (queue,) = machine.descendants() - {machine.guard()}
    os.kill(queue, signal.SIGKILL)
    machine.wait_for("queue was ended by SIGKILL")
    wait_until(lambda: answers(path), lambda: "the second queue server")
    assert machine.signal_and_wait(signal.SIGTERM) == 0
    assert not path.parent.exists()


def test_a_queue_server_whose_folder_is_deleted_comes_back(start: Start) -> None:
    server = queue_server()
    path = server.socket
    assert path
    machine = start({"name": server.name, "argv": server.argv, "socket": str(path)}, folder=path.parent)
    wait_until(lambda: answers(path), lambda: "the queue server")
    machine.wait_for("announced")
    shutil.rmtree(path.parent)
    wait_until(lambda: answers(path), lambda: "the second queue server")
    assert machine.signal_and_wait(signal.SIGTERM) == 0
    assert not path.parent.exists()
