"""What thousands of applications in one process need not make again: compiled templates, and addresses nobody builds.

Nothing here changes what an application does; each test still has one of its own.
"""

from collections.abc import Callable
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


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
    """A rule that compiles how its address is built when that is asked for first: four fifths of making an app."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(super(RuleOnDemand, self)._compile_builder(append_unknown))
            return compiled[0](rule, **values)

        return build


TEMPLATES = KeptTemplates()
