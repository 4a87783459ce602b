"""Programs that others wrote accept our log, and refuse what they must: metamorphic-log (Rust), tlog-scales, scitt-cose, and Go's sumdb."""

from __future__ import annotations

import os
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import metamorphic_log
import pytest
from cryptography.exceptions import InvalidSignature
from scitt_cose import merkle
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tlog import (
    Checkpoint,
    ConsistencyProof,
    ConsistencyProofInvalid,
    InclusionProof,
    InclusionProofInvalid,
)

from sapparot.ledger.notes import NoteSigner, checkpoint_text
from sapparot.ledger.tiles import tile_path
from sapparot.ledger.tree import leaf_hash
from tests.ledger.written import ORIGIN, WrittenLog

SIZES = (1, 2, 255, 256, 257, 700)
GO_SOURCES = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb")


def places(size: int) -> list[int]:
    """Entries at the seams of a log."""
    return sorted({index for index in (0, 1, 254, 255, 256, 257, size // 2, size - 1) if 0 <= index < size})


def fork(log: WrittenLog) -> str:
    """A checkpoint of the same size by the right key over another tree."""
    return WrittenLog(log.place.with_name("fork"), log.head.size, entry='{{"kind":"report","n":{n},"v":2}}').note


@pytest.fixture(params=SIZES)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> WrittenLog:
    return WrittenLog(tmp_path / "log", request.param)


@pytest.fixture
def long(tmp_path: Path) -> WrittenLog:
    return WrittenLog(tmp_path / "log", 700)


def test_metamorphic_log_accepts_the_checkpoint_every_entry_and_every_growth(log: WrittenLog) -> None:
    size, vkeys = log.head.size, [log.vkey]
    head = metamorphic_log.checkpoint_verify(log.note, vkeys)
    assert (head.origin, head.size, bytes(head.root)) == (ORIGIN, size, log.head.root)
    for index in places(size):
        leaf = leaf_hash(log.bodies[index])
        metamorphic_log.checkpoint_verify_inclusion(log.note, vkeys, index, leaf, log.inclusion(index))
    for old in (1, size // 2, size - 1, size):
        if old:
            metamorphic_log.checkpoint_verify_consistency(log.note_at(old), log.note, vkeys, log.consistency(old))


def test_metamorphic_log_refuses_what_was_tampered_with(long: WrittenLog) -> None:
    leaf, path, vkeys = leaf_hash(long.bodies[300]), long.inclusion(300), [long.vkey]
    wrong_proofs = {
        "a changed leaf": (300, leaf_hash(b"{}"), path),
        "a short hash": (300, leaf, [path[0][:31], *path[1:]]),
        "swapped steps": (300, leaf, [path[1], path[0], *path[2:]]),
        "another entry's proof": (300, leaf, long.inclusion(301)),
        "a missing step": (300, leaf, path[:-1]),
        "another place": (301, leaf, path),
    }
    for name, (index, claimed, steps) in wrong_proofs.items():
        with pytest.raises(metamorphic_log.VerifyError):
            metamorphic_log.checkpoint_verify_inclusion(long.note, vkeys, index, claimed, steps)
            pytest.fail(name)
    for note in (long.note.replace(ORIGIN, "example.org/other", 1), long.note.replace("\n700\n", "\n699\n")):
        with pytest.raises(metamorphic_log.VerifyError):
            metamorphic_log.checkpoint_verify(note, vkeys)
    with pytest.raises(metamorphic_log.VerifyError):
        metamorphic_log.checkpoint_verify_consistency(fork(long), long.note, vkeys, [])
    with pytest.raises(metamorphic_log.VerifyError):
        metamorphic_log.checkpoint_verify_consistency(long.note_at(300), fork(long), vkeys, long.consistency(300))


def test_tlog_scales_reads_our_files_and_its_proofs_are_ours(log: WrittenLog) -> None:
    reader, size = TilesReader(LocalBackend(log.place)), log.head.size
    checkpoint = reader.get_checkpoint()
    checkpoint.verify(Vkey.from_string(log.vkey))
    assert (checkpoint.origin, checkpoint.size, checkpoint.root_hash) == (ORIGIN, size, log.head.root)
    assert reader.calculate_root_hash() == log.head.root
    for index in places(size):
        assert reader.get_entry(index) == log.bodies[index]
        theirs = reader.get_inclusion_proof(index, size)
        assert theirs.node_hashes == log.inclusion(index)
        theirs.check(leaf_hash(log.bodies[index]), log.head.root)
    for old in range(1, size + 1, 37):
        growth = reader.get_consistency_proof(old, size)
        assert growth.node_hashes == log.consistency(old)
        growth.check(log.head_at(old).root, log.head.root)


def test_tlog_scales_refuses_what_was_tampered_with(long: WrittenLog) -> None:
    path, root, leaf = long.inclusion(300), long.head.root, leaf_hash(long.bodies[300])
    swapped, short = [path[1], path[0], *path[2:]], [path[0][:31], *path[1:]]
    for claimed, steps in ((leaf_hash(b"{}"), path), *((leaf, steps) for steps in (swapped, short, path[:-1]))):
        with pytest.raises(InclusionProofInvalid):
            InclusionProof(300, 700, steps).check(claimed, root)
    with pytest.raises(InclusionProofInvalid):
        InclusionProof(300, 700, long.inclusion(301)).check(leaf, root)
    growth = long.consistency(300)
    with pytest.raises(ConsistencyProofInvalid):
        ConsistencyProof(300, 700, growth[::-1]).check(long.head_at(300).root, root)
    with pytest.raises(ConsistencyProofInvalid):
        ConsistencyProof(700, 700, []).check(Checkpoint.from_text(fork(long)).root_hash, root)
    other = NoteSigner("example.org/other", b"k" * 32).sign(checkpoint_text("example.org/other", long.head))
    with pytest.raises(RuntimeError):
        Checkpoint.from_text(other).verify(Vkey.from_string(long.vkey))
    with pytest.raises(InvalidSignature):
        Checkpoint.from_text(long.note.replace("\n700\n", "\n699\n")).verify(Vkey.from_string(long.vkey))
    tile = long.place / tile_path(1, 0, 2)
    tile.write_bytes(tile.read_bytes()[::-1])
    assert root_of_files(long) != root


def test_scitt_cose_refuses_what_was_tampered_with(long: WrittenLog) -> None:
    entry, root, path = long.bodies[300].hex(), long.head.root.hex(), [node.hex() for node in long.inclusion(300)]
    others = [node.hex() for node in long.inclusion(301)]
    forked = Checkpoint.from_text(fork(long)).root_hash.hex()
    assert merkle.verify_inclusion(entry, 300, 700, path, root)
    assert not merkle.verify_inclusion(entry, 300, 700, path, forked)
    assert not merkle.verify_inclusion(entry, 301, 700, path, root)
    for steps in ([path[0][:62], *path[1:]], [path[1], path[0], *path[2:]], others, [*path, path[-1]]):
        assert not merkle.verify_inclusion(entry, 300, 700, steps, root)
    growth, before = [node.hex() for node in long.consistency(300)], long.head_at(300).root.hex()
    assert merkle.verify_consistency(before, root, 300, 700, growth)
    for steps in (growth[::-1], growth[:-1], [growth[0][:62], *growth[1:]]):
        assert not merkle.verify_consistency(before, root, 300, 700, steps)
    assert not merkle.verify_consistency(root, forked, 700, 700, [])


def root_of_files(log: WrittenLog) -> bytes:
    reader = TilesReader(LocalBackend(log.place))
    reader.set_size(log.head.size)
    return bytes(reader.calculate_root_hash())


def test_scitt_cose_finds_the_same_tree_and_the_same_proofs(log: WrittenLog) -> None:
    entries, root, size = [body.hex() for body in log.bodies], log.head.root.hex(), log.head.size
    assert merkle.merkle_root(entries) == root
    for index in places(size):
        path = [node.hex() for node in log.inclusion(index)]
        assert path == merkle.inclusion_proof(entries, index)
        assert merkle.verify_inclusion(entries[index], index, size, path, root)
        assert not merkle.verify_inclusion("00", index, size, path, root)
        assert not path or not merkle.verify_inclusion(entries[index], index, size, path[:-1], root)
    for old in (1, size // 2, size):
        if old:
            proof, before = [node.hex() for node in log.consistency(old)], log.head_at(old).root.hex()
            assert proof == merkle.consistency_proof(entries, old, size)
            assert merkle.verify_consistency(before, root, old, size, proof)
            assert not merkle.verify_consistency("00" * 32, root, old, size, proof)


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our program over Go's packages, compiled."""
    compiler = shutil.which("go")
    if compiler is None or not GO_SOURCES.is_dir():
        pytest.skip("needs golang-go and golang-golang-x-mod-dev")
    place = tmp_path_factory.mktemp("go")
    shutil.copy(Path(__file__).parent / "outside" / "main.go", place)
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(place / "cache")}
    command = [compiler, "build", "-o", str(place / "verifier"), "main.go"]
    subprocess.run(command, cwd=place, env=environment, check=True, timeout=300)
    return place / "verifier"


def ask(go: Path, log: WrittenLog, old: int = 1, root: bytes | None = None, *, vkey: str = "") -> str:
    """What Go says of a log that once had ``old`` entries."""
    before = b64encode(root or log.head_at(old).root).decode()
    indices = [str(index) for index in places(log.head.size)]
    command = [str(go), str(log.place), vkey or log.vkey, str(old), before, *indices]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout.strip()


def test_go_accepts_the_checkpoint_the_tiles_and_the_entries(go: Path, log: WrittenLog) -> None:
    assert [ask(go, log, old) for old in (1, log.head.size // 2 or 1, log.head.size)] == ["ok"] * 3


def test_go_refuses_what_was_tampered_with(go: Path, long: WrittenLog) -> None:
    assert ask(go, long, 300, root=long.head_at(299).root) != "ok"
    assert ask(go, long, vkey=NoteSigner("example.org/other", b"k" * 32).verifier_key()) != "ok"
    assert ask(go, long, vkey=NoteSigner(ORIGIN, b"j" * 32).verifier_key()) != "ok"
    (long.place / "checkpoint").write_text(fork(long))
    assert ask(go, long) != "ok"
    (long.place / "checkpoint").write_text(long.note)
    bundle = long.place / "tile/entries/001"
    kept = bundle.read_bytes()
    bundle.write_bytes(kept.replace(b'"n":300', b'"n":999'))
    assert ask(go, long, 300) == "ok"  # entry 300 was not asked for
    bundle.write_bytes(kept.replace(b'"n":256', b'"n":999'))
    assert ask(go, long) != "ok"
    bundle.write_bytes(kept)
    tile = long.place / tile_path(0, 1)
    whole = tile.read_bytes()
    for spoilt in (b"\0" + whole[1:], whole[:-1], whole[32:64] + whole[:32] + whole[64:]):
        tile.write_bytes(spoilt)
        assert ask(go, long) != "ok"
    tile.write_bytes(whole)
    assert ask(go, long) == "ok"
