"""The rules of the house hold, and each guard bites: a canary with one violation must be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.shape import names
from tests.shape.code_guards import CODE_GUARDS, declared_names_exist
from tests.shape.file_guards import FILE_GUARDS
from tests.shape.house import House, standing

Guard = Callable[[House], Iterator[str]]
GUARDS: list[Guard] = [*CODE_GUARDS, *FILE_GUARDS]
LONG = "def long() -> None:\n" + "    print()\n" * 41
SRC = "src/sapparot"
MOST_SHOWN = 30

CANARIES: list[tuple[str, str, str]] = [
    ("files_have_known_names", f"{SRC}/ledger/gadget.py", "X = 1\n"),
    ("files_have_known_names", f"{SRC}/gadget.py", "X = 1\n"),
    ("files_have_known_names", f"{SRC}/web/public/gadget.py", "X = 1\n"),
    ("names_say_something", f"{SRC}/ledger/utils.py", "X = 1\n"),
    ("names_say_something", "tests/helpers/x.py", "X = 1\n"),
    ("slices_hold_something", f"{SRC}/duty/__init__.py", '"""Later."""\n'),
    ("faces_hold_no_logic", f"{SRC}/ledger/__init__.py", "def face():\n    return 1\n"),
    ("faces_hold_no_logic", f"{SRC}/ledger/__init__.py", "print('hello')\n"),
    ("stores_stay_at_home", f"{SRC}/tally/worker.py", "from sapparot.ledger import store\n"),
    ("stores_stay_at_home", f"{SRC}/tally/worker.py", "from sapparot.ledger.store import head\n"),
    ("sql_stands_in_stores", f"{SRC}/tally/worker.py", 'QUERY = "SELECT 1"\n'),
    (
        "sql_stands_in_stores",
        f"{SRC}/tally/worker.py",
        'QUERY = f"insert into x values ({1})".upper()\nQ = "DELETE FROM x"\n',
    ),
    ("stores_use_their_own_schema", f"{SRC}/tally/store.py", 'QUERY = "SELECT body FROM ledger.entries"\n'),
    ("stores_use_their_own_schema", f"{SRC}/tally/store.py", 'QUERY = "SELECT * FROM tally.sums"\n'),
    ("migrations_stay_in_their_schema", "migrations/0007_tally.pre.sql", "CREATE TABLE ledger.more (x int);\n"),
    ("migrations_stay_in_their_schema", "migrations/7_tally.sql", "CREATE TABLE tally.more (x int);\n"),
    ("time_comes_in", f"{SRC}/tally/worker.py", "from datetime import datetime\nNOW = datetime.now()\n"),
    ("time_comes_in", f"{SRC}/tally/worker.py", "from time import monotonic\n"),
    ("time_comes_in", f"{SRC}/tally/worker.py", "import time\nNOW = time.perf_counter()\n"),
    ("chance_comes_in", f"{SRC}/tally/worker.py", "import random\n"),
    ("chance_comes_in", f"{SRC}/tally/worker.py", "from secrets import token_bytes\n"),
    ("chance_comes_in", f"{SRC}/tally/worker.py", "import os\nX = os.urandom(8)\n"),
    ("chance_comes_in", f"{SRC}/tally/worker.py", "import numpy as np\nX = np.random.default_rng(1)\n"),
    ("simulated_chance_is_seeded", f"{SRC}/simulate/evening.py", "import random\nX = random.random()\n"),
    ("simulated_chance_is_seeded", f"{SRC}/simulate/evening.py", "from random import Random\nX = Random()\n"),
    ("facts_are_frozen", f"{SRC}/tally/facts.py", "class Sum(msgspec.Struct):\n    votes: int\n"),
    ("facts_are_frozen", f"{SRC}/tally/facts.py", "class Sum(msgspec.Struct, frozen=False):\n    votes: int\n"),
    ("modules_are_small", f"{SRC}/tally/sums.py", "X = 1\n" * 401),
    ("modules_are_small", f"{SRC}/tally/sums.py", LONG),
    ("thai_stands_beside_english", f"{SRC}/tally/sums.py", "X = 'คะแนน'\n"),
    ("thai_stands_beside_english", f"{SRC}/tally/sums.py", "X = f'คะแนน {1}'\n"),
    ("thai_stands_beside_english", f"{SRC}/tally/sums.py", "X = ('คะแนน', 'เสียง')\n"),
    ("thai_stands_beside_english", f"{SRC}/tally/sums.py", "X = str('คะแนน')\n"),
    ("the_zone_is_a_setting", f"{SRC}/tally/sums.py", "X = timezone(timedelta(hours=7))\n"),
    ("the_zone_is_a_setting", f"{SRC}/tally/sums.py", "X = ZoneInfo('Asia/Bangkok')\n"),
    ("the_zone_is_a_setting", f"{SRC}/web/frontend/src/x.ts", "return `${time}+07:00`;\n"),
    ("the_zone_is_a_setting", f"{SRC}/web/frontend/src/x.ts", "new Date(now + 7 * 3_600_000)\n"),
    ("nothing_is_caught_blindly", f"{SRC}/tally/sums.py", "try:\n    pass\nexcept Exception:\n    raise\n"),
    (
        "nothing_is_caught_blindly",
        f"{SRC}/tally/sums.py",
        "try:\n    pass\nexcept (ValueError, BaseException):\n    raise\n",
    ),
    ("nothing_is_caught_blindly", f"{SRC}/tally/sums.py", "try:\n    pass\nexcept:\n    raise\n"),
    ("nothing_is_left_undone", f"{SRC}/tally/sums.py", "X = 1  # " + "TO" + "DO later\n"),
    ("nothing_is_left_undone", f"{SRC}/tally/sums.py", "# ruff" + ": noqa\n"),
    ("tests_are_sentences", "tests/tally/test_sums.py", "def test_sum():\n    pass\n"),
    ("no_machine_is_named", "docs/x.md", "see /" + "home/somchai/sapparot\n"),
    ("no_machine_is_named", "requirements.lock", "--index-url https://" + "pypi" + ".org/simple\n"),
    ("one_thing_has_one_thai_word", f"{SRC}/ledger/x.py", 'X = Text("จุดตรวจ", "the ledger checkpoint")\n'),
    ("one_thing_has_one_thai_word", f"{SRC}/web/translations/th.po", 'msgstr "ไฟล์เกณฑ์"\n'),
    ("one_thing_has_one_thai_word", "data/training/x.toml", 'th = "ห้องปฏิบัติการจะตรวจ"\n'),
    (
        "one_thing_has_one_thai_word",
        f"{SRC}/intake/x.py",
        'X = Text("ลายเซ็นไม่ถูกต้อง", "the signature is not genuine")\n',
    ),
    ("one_thing_has_one_thai_word", f"{SRC}/web/frontend/src/app/x.ts", 'say("เลือกเท่านั้น หน้าที่ของท่าน", "Your duty")\n'),
    ("the_front_door_is_complete", "README.md", "hello\n"),
    ("paths_in_documents_exist", "ARCHITECTURE.md", "The sequencer is `ledger/sequencer.py`.\n"),
    ("documents_named_in_code_exist", f"{SRC}/tally/sums.py", '"""See docs/formats/gone.md."""\n'),
    ("links_in_documents_lead_somewhere", "README.md", "See [the map](docs/map.md).\n"),
    ("decisions_fit_on_a_page", "docs/decisions/0002-x.md", "**Decided.** x **Why.** x **Costs.** x\n"),
    ("decisions_fit_on_a_page", "docs/decisions/0001-x.md", "**Decided.** x **Why.** x\n"),
    ("decisions_fit_on_a_page", "docs/decisions/0001-x.md", "**Decided.** x **Why.** x **Costs.** " + "x " * 500),
    ("verbs_are_few_and_explained", "Makefile", "deploy:\n\techo\n"),
    ("verbs_are_few_and_explained", "Makefile", "".join(f"{letter}: ## say {letter}\n" for letter in "abcdefghijklm")),
]


@pytest.fixture(scope="module")
def house() -> House:
    return standing()


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
def test_the_house_keeps_its_rule(house: House, guard: Guard) -> None:
    violations = list(guard(house))
    assert not violations, f"{guard.__doc__}\n" + "\n".join(violations[:MOST_SHOWN])


@pytest.mark.parametrize(("guard", "path", "text"), CANARIES, ids=[canary[0] for canary in CANARIES])
def test_the_guard_bites_a_canary(tmp_path: Path, guard: str, path: str, text: str) -> None:
    planted = tmp_path / path
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text)
    [bites] = [found for found in GUARDS if found.__name__ == guard]
    assert list(bites(House(tmp_path)))


def test_every_guard_has_a_canary() -> None:
    assert {guard.__name__ for guard in GUARDS} == {canary[0] for canary in CANARIES}


def test_what_the_declared_names_name_exists(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(declared_names_exist(house)) == []
    monkeypatch.setattr(names, "SPEAKS_THAI", {"contests/gone.py"})
    assert list(declared_names_exist(house)) == [
        "contests/gone.py is declared in tests/shape/names.py and does not exist"
    ]
