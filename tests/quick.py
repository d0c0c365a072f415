"""What thousands of applications in one process need not make again: templates, SQL, addresses, hard hashes.

Nothing here changes what an application does; each test still has one of its own.
"""

from collections.abc import Callable
from typing import Any

from argon2 import PasswordHasher
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from werkzeug.routing.converters import BaseConverter
from werkzeug.routing.rules import RulePart

_READ: dict[str, tuple[list[RulePart], list[tuple[bool, str]], dict[str, BaseConverter]]] = {}


class KeptTemplates(BytecodeCache):
    """Compiled templates, by their source, for as long as this process lives."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class RuleOnDemand(Rule):
    """A rule that is read once in this process, and compiles how its address is built when that is asked for first.

    That is nine tenths of making an application.
    """

    def _parse_rule(self, rule: str) -> list[RulePart]:
        if rule not in _READ:
            known = len(self._trace)
            parts = list(super()._parse_rule(rule))
            _READ[rule] = parts, self._trace[known:], dict(self._converters)
            return parts
        parts, trace, converters = _READ[rule]
        self._trace += trace
        self._converters |= converters
        self.arguments.update(converters)
        return parts

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(super(RuleOnDemand, self)._compile_builder(append_unknown))
            return compiled[0](rule, **values)

        return build


def of_one_kind(self: DefaultDialect, other: object) -> bool:
    """Each engine has a dialect of its own; compiled SQL is kept by dialect, and those of one database are alike."""
    return type(self) is type(other)


DefaultDialect.__eq__ = of_one_kind
DefaultDialect.__hash__ = lambda self: hash(type(self))
STATEMENTS = LRUCache(5000)
"""Compiled SQL, as a process keeps it that runs for long."""
TEMPLATES = KeptTemplates()
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Nobody steals the passwords of tests."""
