"""A small intranet CRM that sends exactly priced text messages to audiences of contacts."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from smsapp.config import Config

if TYPE_CHECKING:
    from flask import Flask


def create_app(config: Config | None = None, overrides: Mapping[str, Any] | None = None) -> "Flask":
    """The application, loaded only now: the supervisor, which needs none, starts everything a second earlier."""
    from smsapp import application

    return application.make(config or Config.from_env(os.environ), overrides or {})
