"""Commands that a newcomer tries before anything is set up: they work, or say in one line what is wrong."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from smsapp.cli import main
from smsapp.config import Config, ConfigError

ADMIN = ("create-admin", "--login", "chefin", "--name", "Chefin", "--password", "Winterabend-2026")


def run(folder: Path, *words: str, **env: str) -> Result:
    return CliRunner().invoke(main, words, env={"SMSAPP_DATA": str(folder), **env})


def test_the_first_administrator_needs_nothing_prepared(tmp_path: Path) -> None:
    first, second = run(tmp_path, *ADMIN), run(tmp_path, *ADMIN)
    assert (first.exit_code, first.output) == (0, "Administrator chefin created.\n")
    assert (second.exit_code, second.output) == (1, "Error: Der Anmeldename chefin ist schon vergeben.\n")


def test_a_database_that_does_not_answer_is_one_clear_line(tmp_path: Path) -> None:
    answer = run(tmp_path, "migrate", DATABASE_URL="postgresql://somebody:secret@127.0.0.1:1/crm")
    assert answer.exit_code == 1
    (line,) = answer.output.splitlines()
    assert line.startswith("Error: The database cannot be used: connection failed")
    assert "secret" not in line


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "smsapp.db").write_text("a letter to my aunt " * 100)
    assert run(tmp_path, "migrate").output == "Error: The database cannot be used: file is not a database\n"


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("PORT", "any", "PORT must be a number from 1 to 65535, not 'any'."),
        ("TZ", ":/etc/localtime", "TZ must be the name of a time zone such as Europe/Berlin, not ':/etc/localtime'."),
    ],
)
def test_a_setting_that_cannot_be_is_one_clear_line(tmp_path: Path, name: str, value: str, line: str) -> None:
    assert run(tmp_path, "check", **{name: value}).output == f"Error: {line}\n"


def test_times_are_those_of_the_zone(tmp_path: Path) -> None:
    assert Config.from_env({"SMSAPP_DATA": str(tmp_path)}).timezone == "Europe/Berlin"
    assert Config.from_env({"SMSAPP_DATA": str(tmp_path), "TZ": "Europe/Helsinki"}).timezone == "Europe/Helsinki"


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_URL", "mysql://me:secret@here/crm"), ("REDIS_URL", "http://me:secret@here")]
)
def test_an_address_of_another_kind_of_server_is_refused_and_not_repeated(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(ConfigError, match=f"{name} must begin with") as refused:
        Config.from_env({"SMSAPP_DATA": str(tmp_path), name: value})
    assert "secret" not in str(refused.value)
