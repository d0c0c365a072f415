"""What README.md shows is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_picture_of_the_readme_exists() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert pictures
    assert [each for each in pictures if not (ROOT / each).is_file()] == []
