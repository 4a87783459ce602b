"""Guards over the code: each takes the house and returns one line for each violation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.shape import names
from tests.shape.house import PACKAGE, House, Module, dotted

MODULE_LINES = 400
FUNCTION_LINES = 40
CLOCKS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|clock_gettime"
    r"|localtime|gmtime)|uuid\.?(1|6|7))$|^(perf_counter|clock_gettime|uuid[167])$"
)
CHANCE = re.compile(r"^(random|secrets|numpy\.random)\b|^os\.urandom|^uuid\.uuid4|\.(urandom|uuid4)$|^np\.random\b")
SQL = re.compile(
    r"^\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|COPY\s+\S+\s|WITH\s+\S+\s+AS\s|TRUNCATE\s|(CREATE|DROP|ALTER)\s+"
    r"(TABLE|SCHEMA|INDEX|DATABASE|UNIQUE|TYPE|VIEW|SEQUENCE)\s|NOTIFY\s|LISTEN\s)"
)
TABLE = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE(?: IF NOT EXISTS)?|INDEX \w+ ON|COPY|REFERENCES)\s+([a-z_]+)\.[a-z_]+"
)
THAI = re.compile(r"[\u0e00-\u0e7f]")
ZONE = re.compile(r"Asia/Bangkok|[+]07:?00|hours=7\b|\b7 ?\* ?3_?600")
PAIRS = {"Text", "kind"}


def files_have_known_names(house: House) -> Iterator[str]:
    """In every slice the same names, and concepts that are declared in tests/shape/names.py."""
    for module in house.modules:
        known = names.TOP if not module.slice else names.STANDARD | names.CONCEPTS.get(module.slice, set())
        label = module.stem if module.inside.count("/") < 2 else module.inside.split("/", 1)[1].removesuffix(".py")
        if label not in known and not (module.stem == "__init__" and module.slice):
            yield f"{module.name}: not a name that {module.slice or 'the package'} may have (tests/shape/names.py)"


def names_say_something(house: House) -> Iterator[str]:
    """No utils, helpers, common, manager or misc anywhere."""
    for name in house.files:
        for part in PurePosixPath(name).parts:
            if part.split(".")[0] in names.FORBIDDEN and not name.startswith("docs/"):
                yield f"{name}: {part} says nothing"


def declared_names_exist(house: House) -> Iterator[str]:
    """What tests/shape/names.py declares is really there."""
    inside = {module.inside for module in house.modules}
    declared = names.SQL_OUTSIDE_STORES | names.READS_THE_CLOCK | names.TAKES_CHANCES
    declared |= names.CATCHES_EVERYTHING | names.SPEAKS_THAI | names.NAMES_A_ZONE
    declared |= {f"{part}/{concept}.py" for part, concepts in names.CONCEPTS.items() for concept in concepts}
    yield from (f"{name} is declared in tests/shape/names.py and does not exist" for name in sorted(declared - inside))


def slices_hold_something(house: House) -> Iterator[str]:
    """A slice that belongs to later work is not created empty."""
    filled = {module.slice for module in house.modules if module.stem != "__init__"}
    for module in house.modules:
        if module.slice and module.slice not in filled:
            yield f"{module.name}: the slice has no other file"


def faces_hold_no_logic(house: House) -> Iterator[str]:
    """``__init__.py`` names what others may call, nothing more."""
    allowed = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.AnnAssign)
    for module in house.modules:
        if module.stem == "__init__":
            for node in module.tree.body:
                if not isinstance(node, allowed) or (
                    isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
                ):
                    yield f"{module.name}:{node.lineno}: a face holds no logic"


def stores_stay_at_home(house: House) -> Iterator[str]:
    """A store is imported by its own slice alone."""
    for module in house.modules:
        for line, name in module.imports():
            parts = name.split(".")
            if parts[0] == "sapparot" and "store" in parts[2:] and parts[1] != module.slice:
                yield f"{module.name}:{line}: imports the store of {parts[1]}"


def sql_stands_in_stores(house: House) -> Iterator[str]:
    """SQL stands in ``store.py`` and in the few files of base that are the database's own machinery."""
    for module in house.modules:
        if module.stem != "store" and module.inside not in names.SQL_OUTSIDE_STORES:
            yield from (
                f"{module.name}:{line}: SQL outside a store" for line, text in module.strings() if SQL.match(text)
            )


def stores_use_their_own_schema(house: House) -> Iterator[str]:
    """A store touches the schema named as its slice and no other, and names its columns."""
    for module in house.modules:
        if module.stem != "store":
            continue
        for line, text in module.strings():
            for schema in TABLE.findall(text):
                if schema != module.slice:
                    yield f"{module.name}:{line}: touches the schema {schema}"
            if re.search(r"SELECT\s+\*\s+FROM\s+(?!unnest)", text):
                yield f"{module.name}:{line}: names no columns"


def migrations_stay_in_their_schema(house: House) -> Iterator[str]:
    """A migration is called ``0007_verify.pre.sql`` and touches the schema of that slice; numbers are not used twice."""
    seen: dict[str, str] = {}
    for name, text in house.texts.items():
        if not name.startswith("migrations/"):
            continue
        match = re.fullmatch(r"migrations/(\d{4})_([a-z]+)(?:_[a-z_]+)?\.(pre|post)\.sql", name)
        if not match:
            yield f"{name}: not a migration's name"
            continue
        if seen.setdefault(match[1], name) != name:
            yield f"{name}: the number of {seen[match[1]]}"
        for schema in set(TABLE.findall(text)) - {match[2]}:
            yield f"{name}: touches the schema {schema}"


def time_comes_in(house: House) -> Iterator[str]:
    """Only base/clock.py reads the clock."""
    for module in house.modules:
        if module.inside in names.READS_THE_CLOCK:
            continue
        imported = {line: name for line, name in module.imports() if CLOCKS.search(name)}
        read = {line: name for line, name in module.calls() if CLOCKS.search(name)}
        yield from (f"{module.name}:{line}: reads the clock with {name}" for line, name in (imported | read).items())


def chance_comes_in(house: House) -> Iterator[str]:
    """Only declared places make random bytes; the simulator draws from a seed."""
    for module in house.modules:
        if module.inside in names.TAKES_CHANCES or module.slice in names.SEEDED_CHANCE:
            continue
        used = {line: name for line, name in [*module.imports(), *module.calls()] if CHANCE.search(name)}
        yield from (f"{module.name}:{line}: takes a chance with {name}" for line, name in used.items())


def simulated_chance_is_seeded(house: House) -> Iterator[str]:
    """The simulator never uses chance that cannot be repeated."""
    for module in house.modules:
        if module.slice not in names.SEEDED_CHANCE:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call):
                name = dotted(node.func)
                unseeded = name.split(".")[-1] in {"Random", "default_rng", "SeedSequence"} and not node.args
                if (
                    unseeded
                    or name.startswith(("secrets.", "random."))
                    or name.endswith((".urandom", "uuid4", "SystemRandom"))
                ):
                    yield f"{module.name}:{node.lineno}: {name} cannot be repeated"


def facts_are_frozen(house: House) -> Iterator[str]:
    """Every class in ``facts.py`` is a frozen struct, an enumeration or a named tuple."""
    for module in house.modules:
        if module.stem != "facts":
            continue
        frozen: set[str] = set()
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                bases = {dotted(base).split(".")[-1] for base in node.bases}
                if _is_frozen(node) or bases & {"Enum", "IntEnum", "StrEnum", "IntFlag", "NamedTuple"}:
                    frozen.add(node.name)
                else:
                    yield f"{module.name}:{node.lineno}: {node.name} is not frozen"


def _is_frozen(node: ast.ClassDef) -> bool:
    marks = [
        *node.keywords,
        *(key for mark in node.decorator_list if isinstance(mark, ast.Call) for key in mark.keywords),
    ]
    return any(
        mark.arg == "frozen" and isinstance(mark.value, ast.Constant) and mark.value.value is True for mark in marks
    )


def modules_are_small(house: House) -> Iterator[str]:
    """A module has at most 400 lines, a function at most 40."""
    for module in house.python:
        lines = module.text.count("\n")
        if lines > MODULE_LINES:
            yield f"{module.name}: {lines} lines"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    yield f"{module.name}:{node.lineno}: {node.name} has {length} lines"


def thai_stands_beside_english(house: House) -> Iterator[str]:
    """Thai text in Python stands in a pair ``Text(th, en)`` or a problem, or in a Thai seat rule."""
    for module in house.modules:
        if module.inside in names.SPEAKS_THAI:
            continue
        explained = _paired(module) | _documents(module)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained:
                yield from [f"{module.name}:{node.lineno}: Thai without its English"] * bool(THAI.search(node.value))


def the_zone_is_a_setting(house: House) -> Iterator[str]:
    """The Thai time zone stands in the default of a setting; whatever else writes a time is told its zone."""
    for name, text in house.texts.items():
        if not name.startswith(f"{PACKAGE}/") or name.removeprefix(f"{PACKAGE}/") in names.NAMES_A_ZONE:
            continue
        if "/frontend/tests/" not in name:
            lines = enumerate(text.splitlines(), 1)
            yield from (f"{name}:{number}: names a time zone" for number, line in lines if ZONE.search(line))


def _paired(module: Module) -> set[int]:
    """What stands in ``Text(th, en)``, in a problem, or in a tuple or call of two with Thai first and without Thai second."""
    pairs: list[ast.AST] = []
    for node in ast.walk(module.tree):
        parts = node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
        if (isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in PAIRS) or (
            len(parts) == 2 and [_is_thai(part) for part in parts] == [True, False]
        ):
            pairs.append(node)
    return {id(part) for pair in pairs for part in ast.walk(pair)}


def _is_thai(node: ast.expr) -> bool:
    texts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return any(isinstance(text, str) and THAI.search(text) for text in texts)


def _documents(module: Module) -> set[int]:
    return {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}


def nothing_is_caught_blindly(house: House) -> Iterator[str]:
    """``except Exception`` stands only where tests/shape/names.py says why."""
    for module in house.modules:
        if module.inside in names.CATCHES_EVERYTHING:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler):
                caught = (
                    [dotted(part) for part in ast.walk(node.type) if isinstance(part, ast.expr)]
                    if node.type
                    else ["everything"]
                )
                if {"everything", "Exception", "BaseException"} & set(caught):
                    yield f"{module.name}:{node.lineno}: catches {', '.join(filter(None, caught))}"


def nothing_is_left_undone(house: House) -> Iterator[str]:
    """No note of work to be done, no lint rule switched off for a whole file."""
    marks = re.compile(
        r"#\s*(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b|#\s*(ruff|mypy|flake8):"
    )
    for module in house.python:
        for number, line in enumerate(module.text.splitlines(), 1):
            if marks.search(line):
                yield f"{module.name}:{number}: {line.strip()}"


def tests_are_sentences(house: House) -> Iterator[str]:
    """A test's name is a sentence: at least three words after ``test_``."""
    for module in house.tests:
        if not module.stem.startswith("test_"):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                words = [word for word in node.name.split("_")[1:] if word]
                if len(words) < 3:
                    yield f"{module.name}:{node.lineno}: {node.name} is not a sentence"


CODE_GUARDS = [
    files_have_known_names,
    names_say_something,
    slices_hold_something,
    faces_hold_no_logic,
    stores_stay_at_home,
    sql_stands_in_stores,
    stores_use_their_own_schema,
    migrations_stay_in_their_schema,
    time_comes_in,
    chance_comes_in,
    simulated_chance_is_seeded,
    facts_are_frozen,
    modules_are_small,
    thai_stands_beside_english,
    the_zone_is_a_setting,
    nothing_is_caught_blindly,
    nothing_is_left_undone,
    tests_are_sentences,
]
