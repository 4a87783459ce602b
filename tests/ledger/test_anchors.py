"""What is kept beside the log, and the commands: a checkpoint anchored on a data directory as the sequencer leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sapparot import cli
from sapparot.base.objects import Objects, public_objects
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.ledger.anchors import Anchorable, Anchors, Attested
from sapparot.ledger.bitcoin import read_headers
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteSigner, checkpoint_text
from sapparot.ledger.problems import ANCHOR_UNREACHABLE
from sapparot.ledger.tree import leaf_hash, levels
from tests.ledger.blocks import EASY_TARGET, mined
from tests.ledger.calendar_server import CalendarServer, calendar
from tests.ledger.chain import BUILT, Chain, node

SIGNER = NoteSigner("example.org/log", b"s" * 32)

LEAVES = [leaf_hash(b"%d" % number) for number in range(300)]
ROOT = levels(LEAVES[:5])[-1][0]


def note(size: int, root: bytes = ROOT, signer: NoteSigner = SIGNER) -> bytes:
    return signer.sign(checkpoint_text(signer.name, Head(size, root))).encode()


@pytest.fixture
def public(tmp_path: Path) -> Objects:
    """The public files of a log of 5 entries."""
    found = public_objects(tmp_path)
    found.put("log/log.vkey", SIGNER.verifier_key().encode() + b"\n")
    publish(found, 5)
    return found


def publish(public: Objects, size: int) -> None:
    """Let the log grow to ``size`` entries, of at most 300, and remove the tiles of other sizes as the sequencer may."""
    for name in list(public.names("log/tile")):
        public.delete(name)
    full = b"".join(LEAVES)[: size * 32]
    public.put("log/tile/0/000" if size >= 256 else f"log/tile/0/000.p/{size}", full[: 256 * 32])
    if size >= 256:
        public.put(f"log/tile/0/001.p/{size - 256}", full[256 * 32 :])
        public.put("log/tile/1/000.p/1", levels(LEAVES[:256])[-1][0])
    public.put("log/checkpoint", note(size, levels(LEAVES[:size])[-1][0]))


class Drawer:
    """An anchor that keeps what it is shown, or is closed."""

    kind = "drawer"

    def __init__(self) -> None:
        self.shown: list[Anchorable] = []
        self.closed = False

    def anchor(self, checkpoint: Anchorable) -> bytes:
        if self.closed:
            raise Problem(ANCHOR_UNREACHABLE)
        self.shown.append(checkpoint)
        return b"promised"

    def upgrade(self, checkpoint: Anchorable, proof: bytes) -> bytes:
        if self.closed:
            raise Problem(ANCHOR_UNREACHABLE)
        return b"kept"

    def check(self, checkpoint: Anchorable, proof: bytes) -> list[Attested]:
        return [Attested("proved" if checkpoint in self.shown else "refused", Text("ก", "a"))]


def beside(public: Objects, *anchors: Drawer) -> Anchors:
    return Anchors(public, SIGNER.verifier_key(), anchors)


def test_the_note_is_kept_as_it_was_anchored_although_the_published_one_gains_signatures(public: Objects) -> None:
    drawer = Drawer()
    assert [outcome.says.en for outcome in beside(public, drawer).add()] == ["anchored"]
    public.put("log/checkpoint", note(5) + "— cosigner.example AAAAAAAA\n".encode())
    assert [outcome.says.en for outcome in beside(public, drawer).add()] == ["anchored before"]
    assert public.get("log/anchors/5.checkpoint") == note(5)
    assert public.get("log/anchors/5.drawer") == b"promised"
    assert drawer.shown == [Anchorable("example.org/log", Head(5, ROOT), note(5))]


def test_what_failed_is_said_and_tried_again_and_keeps_no_other_anchor_waiting(public: Objects) -> None:
    closed, drawer = Drawer(), Drawer()
    closed.kind, closed.closed = "closed", True
    assert [outcome.failed for outcome in beside(public, closed, drawer).add()] == [True, False]
    closed.closed = False
    assert [outcome.says.en for outcome in beside(public, closed, drawer).add()] == ["anchored", "anchored before"]
    assert closed.shown == drawer.shown


def test_upgrading_replaces_the_proof_and_leaves_it_when_the_outsider_is_away(public: Objects) -> None:
    drawer = Drawer()
    list(beside(public, drawer).add())
    drawer.closed = True
    assert [outcome.failed for outcome in beside(public, drawer).upgrade()] == [True]
    assert public.get("log/anchors/5.drawer") == b"promised"
    drawer.closed = False
    assert [outcome.says.en for outcome in beside(public, drawer).upgrade()] == ["completed"]
    assert [outcome.says.en for outcome in beside(public, drawer).upgrade()] == ["nothing new"]


def test_a_log_that_was_rewritten_is_not_anchored_over_the_old_one(public: Objects) -> None:
    list(beside(public, Drawer()).add())
    public.put("log/checkpoint", note(5, b"x" * 32))
    with pytest.raises(Problem, match="the log was rewritten"):
        list(beside(public, Drawer()).add())
    assert public.get("log/anchors/5.checkpoint") == note(5)


@pytest.mark.parametrize(
    "published",
    [note(0), note(5, signer=NoteSigner("example.org/log", b"t" * 32)), b"\xff", note(5)[:-9]],
    ids=["of-nothing", "by-another-key", "no-text", "cut"],
)
def test_only_a_checkpoint_of_this_log_over_something_is_anchored(public: Objects, published: bytes) -> None:
    public.put("log/checkpoint", published)
    drawer = Drawer()
    with pytest.raises(Problem):
        list(beside(public, drawer).add())
    assert drawer.shown == []


def test_a_kept_note_that_is_forged_missing_or_renamed_refuses_its_proofs(public: Objects) -> None:
    drawer = Drawer()
    list(beside(public, drawer).add())
    assert [found.state for _, _, found in beside(public, drawer).check()] == ["proved", "proved"]
    public.put("log/anchors/6.drawer", b"kept")
    public.put("log/anchors/7.drawer", b"kept")
    public.put("log/anchors/7.checkpoint", note(5))
    public.put("log/anchors/8.drawer", b"kept")
    public.put("log/anchors/8.checkpoint", note(8, signer=NoteSigner("example.org/log", b"t" * 32)))
    public.put("log/anchors/09.drawer", b"not a name of ours")
    found = [(size, kind, attested.state) for size, kind, attested in beside(public, drawer).check()]
    assert [line for line in found if line[1] == "drawer"] == [
        (5, "drawer", "proved"),
        (6, "drawer", "refused"),
        (7, "drawer", "refused"),
        (8, "drawer", "refused"),
    ]


def worth_of_the_note(public: Objects) -> tuple[str, str]:
    size, kind, attested = next(iter(beside(public, Drawer()).check()))
    assert (size, kind) == (5, "checkpoint")
    return attested.state, attested.says.en


def test_the_log_that_grew_from_an_anchored_checkpoint_is_told_from_one_that_did_not(public: Objects) -> None:
    list(beside(public, Drawer()).add())
    for size in (5, 6, 255, 300):
        publish(public, size)
        assert worth_of_the_note(public)[0] == "proved"
    tile = public.get("log/tile/0/000")
    public.put("log/tile/0/000", tile[:32] + tile[:32] + tile[64:])
    assert worth_of_the_note(public) == ("refused", "the log here does not continue this checkpoint")
    public.put("log/tile/0/000", tile[:-1])
    assert worth_of_the_note(public)[0] == "open"
    public.delete("log/tile/0/000")
    assert worth_of_the_note(public)[0] == "open"
    publish(public, 4)
    assert worth_of_the_note(public)[0] == "refused", "a log that is shorter than what was anchored"


RUN = CliRunner()


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with calendar() as listening:
        yield listening


def test_the_commands_lead_a_checkpoint_through_both_anchors(
    public: Objects, server: CalendarServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sapparot.ledger.anchoring.read_headers", lambda text: read_headers(text, EASY_TARGET))
    monkeypatch.setenv("SAPPAROT_DATA", str(tmp_path))
    monkeypatch.setenv("SAPPAROT_ANCHOR_CALENDARS", server.address)
    chain = Chain()
    with node(chain) as address:
        monkeypatch.setenv("SAPPAROT_EVM_RPC", address)
        monkeypatch.setenv("SAPPAROT_EVM_ACCOUNT", chain.accounts[0])
        contract = said("anchor", "deploy", str(BUILT)).strip()
        monkeypatch.setenv("SAPPAROT_EVM_CONTRACT", contract)
        monkeypatch.setenv("SAPPAROT_ANCHORS", "ots,evm")
        assert said("anchor", "add").count("· anchored\n") == 2
        assert "5.ots pending" in said("anchor", "check")
        root = server.confirm(800_000)
        assert said("anchor", "upgrade").count("· completed\n") == 2
        headers = tmp_path / "headers.txt"
        headers.write_text(f"800000 {mined(root).hex()}\n")
        told = said("anchor", "check", "--headers", str(headers))
        assert "5.ots proved 2023-05-14 15:00:00Z" in told and "5.evm proved" in told
        headers.write_text(f"800000 {mined(b'x' * 32).hex()}\n")
        assert "5.ots refused" in said("anchor", "check", "--headers", str(headers), code=1)
    kept = {path.name for path in (tmp_path / "public/log/anchors").iterdir()}
    assert kept == {"5.checkpoint", "5.ots", "5.evm"}


def said(*words: str, code: int = 0) -> str:
    """What the program prints; it must end with ``code``."""
    done = RUN.invoke(cli.cli, list(words))
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


def refused(*words: str) -> str:
    done = RUN.invoke(cli.cli, list(words))
    assert isinstance(done.exception, Problem), done.output
    return done.exception.kind.code


def test_anchors_are_off_until_they_are_set(public: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAPPAROT_DATA", str(tmp_path))
    assert refused("anchor", "add") == refused("anchor", "upgrade") == "ledger.anchors_off"
    assert "Nothing is anchored here" in said("anchor", "check")
    assert refused("anchor", "deploy", str(BUILT)) == "ledger.evm_not_set"
    monkeypatch.setenv("SAPPAROT_ANCHORS", "evm")
    assert refused("anchor", "add") == "ledger.evm_not_set"


def test_a_proof_on_a_chain_that_no_node_can_be_asked_about_is_open_and_not_passed_over(
    public: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAPPAROT_DATA", str(tmp_path))
    public.put("log/anchors/5.checkpoint", note(5))
    public.put("log/anchors/5.evm", b"{}")
    shown = said("anchor", "check")
    assert "5.checkpoint proved" in shown and "5.evm open" in shown and "SAPPAROT_EVM_RPC" in shown


def test_a_file_that_cannot_be_used_is_said(public: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAPPAROT_DATA", str(tmp_path))
    bad = tmp_path / "bad"
    bad.write_bytes(b"\xff")
    for option in ("--headers", "--key"):
        for file in (bad, tmp_path / "missing"):
            assert refused("anchor", "check", option, str(file)) == "ledger.file_unusable"
    assert refused("anchor", "check", "--data", str(tmp_path / "empty")) == "ledger.nothing_to_anchor"


def test_a_log_whose_key_is_not_the_one_the_checker_trusts_is_refused(
    public: Objects, server: CalendarServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAPPAROT_DATA", str(tmp_path))
    monkeypatch.setenv("SAPPAROT_ANCHORS", "ots")
    monkeypatch.setenv("SAPPAROT_ANCHOR_CALENDARS", server.address)
    said("anchor", "add")
    trusted = tmp_path / "trusted.vkey"
    trusted.write_text(NoteSigner("example.org/log", b"t" * 32).verifier_key() + "\n")
    assert "5.ots refused" in said("anchor", "check", "--key", str(trusted), code=1)
