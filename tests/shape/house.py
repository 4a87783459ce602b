"""The house as the guards see it: its modules, parsed, and its files."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "src/sapparot"
TEXT_ENDINGS = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".sql",
    ".csv",
    ".ts",
    ".mjs",
    ".js",
    ".css",
    ".html",
    ".json",
    ".lock",
    ".po",
    ".svg",
    "",
}


class Module(msgspec.Struct, frozen=True):
    """One Python file; ``name`` is its path below the repository, ``text`` its source."""

    name: str
    text: str
    tree: ast.Module

    @property
    def inside(self) -> str:
        """The path below the package: ``ledger/store.py``."""
        return self.name.removeprefix(f"{PACKAGE}/")

    @property
    def slice(self) -> str:
        """The slice it belongs to; empty for the files directly in the package."""
        return self.inside.split("/")[0] if "/" in self.inside else ""

    @property
    def stem(self) -> str:
        """The file's name without ending."""
        return Path(self.name).stem

    def calls(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything that is called."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node.lineno, dotted(node.func)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and absolute dotted name of every module, or name in a module, that is imported."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def strings(self) -> Iterator[tuple[int, str]]:
        """Line and text of every string that is not a docstring; the parts of an f-string are joined with ``{}``."""
        documents = {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Expr)}
        inner = {id(part) for node in ast.walk(self.tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(self.tree):
            if id(node) in documents or id(node) in inner:
                continue
            if isinstance(node, ast.JoinedStr):
                yield (
                    node.lineno,
                    "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values),
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.lineno, node.value


class House:
    """A repository, or a piece of one that a canary planted."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root

    @cached_property
    def files(self) -> dict[str, Path]:
        """Every file that is tracked, or would be: path below the root."""
        if (self.root / ".git").exists():
            command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
            listed = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=True).stdout
            names = [name for name in listed.split("\0") if name]
        else:
            names = [path.relative_to(self.root).as_posix() for path in self.root.rglob("*")]
        return {name: self.root / name for name in sorted(names) if (self.root / name).is_file()}

    @cached_property
    def texts(self) -> dict[str, str]:
        """Every text file, by path."""
        return {name: path.read_text("utf-8") for name, path in self.files.items() if path.suffix in TEXT_ENDINGS}

    @cached_property
    def python(self) -> list[Module]:
        """Every Python file."""
        return [Module(name, text, ast.parse(text)) for name, text in self.texts.items() if name.endswith(".py")]

    @property
    def modules(self) -> list[Module]:
        """The modules of the package."""
        return [module for module in self.python if module.name.startswith(f"{PACKAGE}/")]

    @property
    def tests(self) -> list[Module]:
        """The test modules."""
        return [module for module in self.python if module.name.startswith("tests/")]


@cache
def standing() -> House:
    """The house as it stands, parsed once for all tests of a worker."""
    return House()


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of a name or an attribute; the last name alone when something else stands before it."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return ""
