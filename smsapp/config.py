"""What the environment decides: where data lies, which database and queue, the secret."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from babel.dates import get_timezone

TIMEZONE = "Europe/Berlin"


class ConfigError(Exception):
    """The environment asks for something that cannot be; the text is one clear line for a person."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings that are fixed while a process runs."""

    data: Path
    port: int
    database_url: str
    redis_url: str | None
    secret_key: str = field(repr=False)
    behind_proxy: bool = False
    session_hours: int = 12  # without a request, and then the person has to log in again
    timezone: str = TIMEZONE  # in which times are shown and days begin
    gateway_key: str | None = field(default=None, repr=False)  # encrypts the gateways' passwords, else the secret does

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Config":
        """Read the variables that the README lists; make the data folder and the secret."""
        data = Path(environ.get("SMSAPP_DATA") or "instance").resolve()
        try:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            secret = environ.get("SECRET_KEY") or _kept_secret(data / "secret_key")
        except OSError as error:
            raise ConfigError(f"The data folder {data} cannot be written: {error.strerror}.") from error
        return cls(
            data=data,
            port=_port(environ.get("PORT") or "8000"),
            database_url=_database_url(environ.get("DATABASE_URL"), data),
            redis_url=_redis_url(environ.get("REDIS_URL")),
            secret_key=secret,
            behind_proxy=environ.get("SMSAPP_BEHIND_PROXY") == "1",
            session_hours=_hours(environ.get("SMSAPP_SESSION_HOURS") or "12"),
            timezone=_timezone(environ.get("TZ") or TIMEZONE),
            gateway_key=environ.get("SMSAPP_GATEWAY_KEY") or None,
        )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ConfigError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _hours(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 24 * 31:
        raise ConfigError(f"SMSAPP_SESSION_HOURS must be a number of hours from 1 to 744, not {text!r}.")
    return int(text)


def _timezone(name: str) -> str:
    try:
        get_timezone(name)
    except LookupError as error:
        raise ConfigError(f"TZ must be the name of a time zone such as Europe/Berlin, not {name!r}.") from error
    return name


def _database_url(url: str | None, data: Path) -> str:
    if not url:
        return f"sqlite:///{data / 'smsapp.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if not url.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise ConfigError("DATABASE_URL must begin with postgresql:// or sqlite:///.")
    return url


def _redis_url(url: str | None) -> str | None:
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ConfigError("REDIS_URL must begin with redis://, rediss:// or unix://.")
    return url or None


def _kept_secret(path: Path) -> str:
    """The secret of this installation, made once; of processes starting together all get the same one."""
    if not path.exists():
        handle, made = tempfile.mkstemp(dir=path.parent)  # readable by this user only
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            Path(path).hardlink_to(made)  # whole or not at all, and never over another one
        Path(made).unlink()
    return path.read_text()
