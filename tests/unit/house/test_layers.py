"""Who may import whom: features look inward, pages stand outside, pure modules know nothing but Python.

The rules of the house as tables; the modules are found and read (never run), so a new module is held to them at once.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3] / "smsapp"

# What all features stand on. None of it imports a feature.
BASE = {
    *("folding", "clock", "types", "errors", "extensions", "database_functions", "config", "queue", "stop", "text"),
    *("listing", "forms"),
}

# What puts the features together: it may import whatever it needs.
SHELL = {"", "__main__", "application", "cli", "features", "web", "migrations"}

# A feature imports only the base, itself and what is named here.
INWARD: dict[str, set[str]] = {
    "accounts": set(),
    "settings": {"accounts"},
    "quota": {"accounts", "settings"},
    "contacts": {"accounts", "settings"},
    "audiences": {"accounts", "settings", "contacts"},
    "gateways": {"settings"},
    "delivery": {"accounts", "settings", "quota", "contacts", "gateways"},
    "campaigns": {"accounts", "settings", "quota", "contacts", "audiences", "delivery"},
    "message_templates": {"accounts", "settings", "contacts", "campaigns"},
    "help": {"accounts", "campaigns"},
    "overview": {"accounts", "settings", "quota", "contacts", "audiences", "delivery", "campaigns"},
    "demo": {"accounts", "settings", "quota", "contacts", "audiences"},
    "supervise": set(),
}

# The rooms that face the browser. They know requests and forms, and may read any feature.
PAGE_ROOMS = {"routes", "forms", "pages", "words", "composing", "send_page"}
# What a page may read of another feature.
READING_ROOMS = {"queries", "words", "models", "history", "health", "rights"}

# More than the rules allow, each with its reason.
EXCEPTIONS = {
    ("settings.routes", "delivery.service"): "hands over what pauses the sends, for one transaction with the switch",
    ("gateways.routes", "campaigns.gateway_test"): "sends the test SMS, which is a send as others",
    ("gateways.routes", "delivery.service"): "hands over what pauses the sends of a gateway that is deactivated",
    ("campaigns.routes", "delivery.service"): "continues, cancels and takes back sends",
}

# Modules that need only Python, each other, and these libraries that are tables and rules themselves.
PURE = {
    *("text", "folding", "contacts.numbers", "contacts.columns", "contacts.values", "contacts.encodings"),
    *("contacts.tables", "contacts.export", "audiences.fields", "audiences.conditions", "delivery.states"),
    *("contacts.guessing", "delivery.stop_words"),
    *(
        "delivery.outcomes",
        "gateways.base",
        "gateways.ending",
        "gateways.pace",
        "gateways.reading",
        "gateways.smpp.settings",
        "gateways.smpp.encoding",
        "gateways.smpp.fields",
        "settings.senders",
        "campaigns.histogram",
    ),
    *("demo.words", "demo.numbers", "demo.people", "demo.audiences"),
}
PURE_LIBRARIES = {"phonenumbers", "babel", "charset_normalizer", "openpyxl"}
IMPURE = {"flask", "flask_login", "flask_wtf", "flask_babel", "wtforms", "sqlalchemy", "redis", "rq", "httpx"}


def modules() -> list[str]:
    """Every module by its name below `smsapp`, such as "contacts.numbers"; a package by its own."""
    return sorted(name_of(path) for path in ROOT.rglob("*.py") if "versions" not in path.parts)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def path_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split(".")) if module else ROOT
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(path_of(module).read_text(encoding="utf-8"))


@cache
def imports(module: str) -> frozenset[str]:
    """The modules that are imported, anywhere in the file: ours below `smsapp.`, others by their whole names."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found.add(str(node.module))
            if node.module == "smsapp" or str(node.module).startswith("smsapp."):
                found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


@cache
def ours(module: str) -> frozenset[str]:
    """The imported modules of ours, without "smsapp."."""
    names = {name.removeprefix("smsapp.") for name in imports(module) if name.startswith("smsapp.")}
    files = {name for name in names if path_of(name).is_file()}
    return frozenset(name for name in files if not is_package_of(name, files))


def is_package_of(name: str, names: set[str]) -> bool:
    """Whether only something inside this package is meant (`from smsapp.delivery import service`)."""
    return path_of(name).name == "__init__.py" and any(other.startswith(f"{name}.") for other in names)


def feature(module: str) -> str:
    return module.partition(".")[0]


def room(module: str) -> str:
    """The last part of the name; "company_routes" is a room of the kind "routes"."""
    last = module.rpartition(".")[2]
    kinds = PAGE_ROOMS | READING_ROOMS
    return next((kind for kind in kinds if last == kind or last.endswith(f"_{kind}")), last)


def is_page(module: str) -> bool:
    return room(module) in PAGE_ROOMS and feature(module) in INWARD


def is_pure(module: str) -> bool:
    return module in PURE or feature(module) == "text"


def wrong_imports(module: str) -> Iterator[str]:
    """What this module imports and should not."""
    here = feature(module)
    for target in ours(module):
        there = feature(target)
        if there in BASE or there == here or is_pure(target) or (module, target) in EXCEPTIONS:
            continue
        if here in BASE or there not in INWARD.get(here, set()):
            reads = is_page(module) and (room(target) in READING_ROOMS or there == "web")
            if not (reads or (room(module) == "words" and target == "web")):
                yield target


def those(condition: Callable[[str], bool]) -> list[str]:
    """The modules for which this is true; there must be some."""
    found = [module for module in modules() if condition(module)]
    assert found
    return found


def is_inside(module: str) -> bool:
    return feature(module) not in SHELL and not is_page(module)


def test_imports_look_inward() -> None:
    wrong = {module: sorted(wrong_imports(module)) for module in those(lambda name: feature(name) not in SHELL)}
    assert {module: targets for module, targets in wrong.items() if targets} == {}


def test_nothing_inside_imports_a_page() -> None:
    """Words are what services may say; routes and forms are for the browser alone."""
    pairs = [(module, target) for module in those(is_inside) for target in ours(module)]
    assert [(module, target) for module, target in pairs if is_page(target) and room(target) != "words"] == []


def test_services_know_no_request() -> None:
    request = {"flask.request", "flask.session", "flask.g", "flask.flash", "flask_login.current_user", "smsapp.web"}
    services = those(lambda name: room(name) == "service")
    assert [module for module in services if names(module) & request] == []


def test_pages_and_queries_write_nothing() -> None:
    reading = those(lambda name: is_page(name) or room(name) == "queries")
    assert [module for module in reading if "smsapp.extensions.db_write" in names(module)] == []


def names(module: str) -> set[str]:
    """All that is imported, as "module" and as "module.name"."""
    nodes = [node for node in ast.walk(tree(module)) if isinstance(node, ast.ImportFrom)]
    return {f"{node.module}.{alias.name}" for node in nodes for alias in node.names} | imports(module)


def test_pure_modules_need_only_python() -> None:
    for module in those(is_pure):
        others = {name.partition(".")[0] for name in imports(module)} - {"smsapp"} - set(sys.stdlib_module_names)
        assert others <= (set() if feature(module) == "text" else PURE_LIBRARIES), module
        assert {target for target in ours(module) if not is_pure(target)} == set(), module


def says_that_it_is_pure(module: str) -> bool:
    said = ast.get_docstring(tree(module)) or ""
    return "Pure" in said or "Asks no database" in said


def test_what_calls_itself_pure_touches_no_database_and_no_request() -> None:
    for module in those(says_that_it_is_pure):
        assert {name.partition(".")[0] for name in imports(module)} & IMPURE == set(), module
        assert ours(module) & {"extensions", "web", "queue"} == set(), module
        assert {target for target in ours(module) if room(target) in ("service", "queries", "routes")} == set(), module


def test_every_module_says_what_it_is() -> None:
    assert [module for module in modules() if not ast.get_docstring(tree(module))] == []


def test_every_feature_has_its_place() -> None:
    """A new package must be put into the tables above."""
    packages = {path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()}
    assert packages <= INWARD.keys() | BASE | SHELL


def test_what_is_listed_as_pure_exists() -> None:
    assert {module for module in PURE if not path_of(module).is_file()} == set()


def test_the_exceptions_are_needed() -> None:
    assert {pair for pair in EXCEPTIONS if pair[1] not in ours(pair[0])} == set()


def test_the_features_form_no_circle() -> None:
    left = {name: set(inner) for name, inner in INWARD.items()}
    while ready := [name for name, inner in left.items() if not inner & left.keys()]:
        for name in ready:
            del left[name]
    assert left == {}
