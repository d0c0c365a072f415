"""What README.md shows and names is there."""

import os
import re
from pathlib import Path

from smsapp.cli import main

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()


def test_every_picture_exists() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    assert [each for each in pictures if not (ROOT / each).is_file()] == []


def test_every_command_exists() -> None:
    commands = set(re.findall(r"\.venv/bin/smsapp ([a-z-]+)", README))
    assert "create-admin" in commands
    assert commands - main.commands.keys() == set()
    assert os.access(ROOT / ".venv" / "bin" / "smsapp", os.X_OK)
