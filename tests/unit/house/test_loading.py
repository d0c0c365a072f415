"""What a process loads only when it needs it: each of them is started by everybody, and waited for."""

import subprocess
import sys

import pytest

from tests.unit.house.test_layers import ROOT


@pytest.mark.parametrize(
    ("started", "spared"),
    [("smsapp.supervise.start", "flask"), ("smsapp.application, smsapp.delivery.worker", "openpyxl")],
)
def test_no_process_loads_what_it_will_not_need(started: str, spared: str) -> None:
    look = f"import sys, {started}; sys.exit({spared!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], cwd=ROOT.parent).returncode == 0
