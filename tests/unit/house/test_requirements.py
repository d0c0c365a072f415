"""What `make test` installs holds what `make run` installs, so that one folder serves both."""

import re
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[3] / "requirements"


def pins(name: str) -> set[str]:
    return set(re.findall(r"^[\w.-]+==[^ ]+", (REQUIREMENTS / name).read_text(), re.MULTILINE))


def test_the_tests_run_on_the_versions_of_the_program() -> None:
    assert pins("run.txt")
    assert pins("run.txt") <= pins("dev.txt")


def test_every_pinned_package_has_hashes() -> None:
    for name in ("run.txt", "dev.txt", "node.txt"):
        blocks = re.split(r"^(?=[\w.-]+==)", (REQUIREMENTS / name).read_text(), flags=re.MULTILINE)[1:]
        assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_no_address_of_a_registry_is_written_down() -> None:
    files = [*REQUIREMENTS.iterdir(), *(REQUIREMENTS.parent / name for name in ("package-lock.json", "package.json"))]
    assert [file.name for file in files if "://" in file.read_text()] == []
