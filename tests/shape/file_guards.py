"""Guards over files that are not code: paths, hosts and what the documents promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.shape.house import PACKAGE, House

MACHINE_PATHS = re.compile(
    r"(?<![\w.])/(?:" + "|".join(("root", "home", "work", "Users", "opt", "mnt", "private")) + r")/\w"
)
OTHER_WORDS = re.compile(
    "จุดตรวจ|เกณฑ์|ห้องบัญชาการ|ห้องปฏิบัติการ|ศูนย์ตรวจคะแนน|คะแนนสุดท้าย|คะแนนทางการ|ตัวเลขของ กกต|ผ่านการอบรม"
    "|(?<!เปอร์)เซ็น|ลงลายมือชื่อ|ขึ้นทะเบียน|ไดเรกทอรี|(?<!เ)ท่าน|กรุณา|ค่ะ(?!/)|รูปถ่าย"
)
"""The first is a checkpoint of the cities' work."""
HOSTS = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("files", "pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("deb", "debian", "org"),
        )
    )
)
REQUIRED = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
    ".ci/run",
)
DECISION_WORDS = 450
"""One page."""
MOST_VERBS = 12
QUOTED = re.compile(r"`([\w.][\w./-]*)`")
ENDINGS = (".py", ".md", ".toml", ".sql", ".lock", ".txt", ".csv", ".ts", ".json", "/")
MADE = re.compile(r"(v1|log|tile|entries|sapparot-data|\.venv|\.tools|secrets|public|sealed)/|latest\.json")
"""Names in the public store, or things that setup and the program make."""
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def no_machine_is_named(house: House) -> Iterator[str]:
    """No tracked file names a path of somebody's machine or the host of a package registry."""
    for name, text in house.texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            if match := MACHINE_PATHS.search(line) or HOSTS.search(line):
                yield f"{name}:{number}: {match[0]}"


def one_thing_has_one_thai_word(house: House) -> Iterator[str]:
    """What people read calls a thing by the Thai word of the glossary: หัวบันทึก for a ledger checkpoint, นโยบาย for a policy."""
    for name, text in house.texts.items():
        if name.startswith(("src/", "docs/", "data/training/")) and not name.startswith(
            ("src/sapparot/cities/", "docs/glossary.md")
        ):
            for number, line in enumerate(text.splitlines(), 1):
                if match := OTHER_WORDS.search(line):
                    yield f"{name}:{number}: {match[0]}"


def the_front_door_is_complete(house: House) -> Iterator[str]:
    """What a visitor looks for first is there and not empty."""
    for name in REQUIRED:
        if not house.texts.get(name, "").strip():
            yield f"{name} is missing or empty"


def paths_in_documents_exist(house: House) -> Iterator[str]:
    """Every path that a document of ours names exists: from the root, inside the package, or as a name that slices use."""
    used = {PurePosixPath(name).name for name in house.files if name.startswith(PACKAGE)}
    for name, text in house.texts.items():
        if not re.fullmatch(r"[A-Z]+\.md|docs/(decisions|reference)/.+\.md", name):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for path in QUOTED.findall(line):
                named = path.endswith(ENDINGS) and not MADE.match(path) and path not in used
                if named and not any((house.root / start / path).exists() for start in ("", PACKAGE)):
                    yield f"{name}:{number}: {path} does not exist"


def documents_named_in_code_exist(house: House) -> Iterator[str]:
    """Every document that code points to exists."""
    for module in house.python:
        for path in sorted(set(re.findall(r"docs/[\w/-]+\.md", module.text))):
            if not (house.root / path).exists() and not module.name.startswith("tests/shape/"):
                yield f"{module.name}: {path} does not exist"


def links_in_documents_lead_somewhere(house: House) -> Iterator[str]:
    """Every relative link in a document leads to a file."""
    for name, text in house.texts.items():
        if not name.endswith(".md"):
            continue
        for target in LINK.findall(text):
            if not (house.root / PurePosixPath(name).parent / target).exists():
                yield f"{name}: the link {target} leads nowhere"


def decisions_fit_on_a_page(house: House) -> Iterator[str]:
    """Decisions are numbered without gaps, each on one page that says what, why and what it costs."""
    pages = [name for name in house.texts if re.match(r"docs/decisions/\d", name)]
    for number, name in enumerate(pages, 1):
        text = house.texts[name]
        if not name.startswith(f"docs/decisions/{number:04d}-"):
            yield f"{name}: should be number {number:04d}"
        if len(text.split()) > DECISION_WORDS:
            yield f"{name}: {len(text.split())} words"
        yield from (
            f"{name}: says nothing under {part}" for part in ("Decided", "Why", "Costs") if f"**{part}.**" not in text
        )


def verbs_are_few_and_explained(house: House) -> Iterator[str]:
    """The Makefile has at most twelve verbs and ``help`` explains each."""
    text = house.texts.get("Makefile", "")
    verbs = re.findall(r"^([a-z]+):(.*)$", text, re.MULTILINE)
    if len(verbs) > MOST_VERBS:
        yield f"Makefile: {len(verbs)} verbs"
    yield from (f"Makefile: {verb} is not explained" for verb, rest in verbs if " ## " not in rest)


FILE_GUARDS = [
    no_machine_is_named,
    one_thing_has_one_thai_word,
    the_front_door_is_complete,
    paths_in_documents_exist,
    documents_named_in_code_exist,
    links_in_documents_lead_somewhere,
    decisions_fit_on_a_page,
    verbs_are_few_and_explained,
]
