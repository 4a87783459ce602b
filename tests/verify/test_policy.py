"""The policy file: what it may say, and how it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapparot.base import canonical
from sapparot.verify import Policy, PolicyInvalid, load, policy_entry
from sapparot.verify.letters import PolicyEntry, read
from sapparot.verify.weights import WEIGHTS
from tests.verify.cast import NETWORKS, ROOT, default_policy


def test_the_default_file_says_what_the_program_assumes() -> None:
    assert default_policy() == Policy(groups=default_policy().groups)


def test_the_default_file_knows_every_network_of_the_elections() -> None:
    named = {network for group in default_policy().groups for network in group.networks}
    for folder in ("small", "th-2566"):
        text = (ROOT / f"data/elections/{folder}/volunteers.toml").read_text("utf-8")
        assert {line.split('"')[1] for line in text.splitlines() if line.startswith("id = ")} <= named
    assert set(NETWORKS) - named == {"stranger"}


def test_a_policy_survives_its_way_through_the_log() -> None:
    kind, body = policy_entry(default_policy())
    assert kind == "policy" and canonical.encode(canonical.decode(body)) == body
    assert read(body, PolicyEntry).policy == default_policy()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("agreement = 3", "agreement"),
        ("[agreement]\nsources = 0", "agreement.sources"),
        ("[agreement]\nsources = 1.5", "agreement.sources"),
        ("[agreement]\nsorces = 2", "sorces"),
        ("[agreement]\nsources = 4", "outvote is smaller than sources"),
        ("sources = 2", "sources"),
        ('[weights]\nvotes_sum = "note"', "no rule 'votes_sum'"),
        ('[weights]\nvotes_sum_to_valid = "maybe"', "weights"),
        ('[weights]\nsheet_is_known = "dispute"', "out of the count at any rate"),
        ('headline = ["none"]', "headline"),
        ('headline = ["live", "live"]', "headline"),
        ('[[groups]]\nid = "a"\nkind = "tribe"\nnetworks = []', "groups"),
        ('[[groups]]\nid = "a"\nkind = "civil"\nnetworks = ["x", "x"]', "'x' stands in two groups"),
        ('[[groups]]\nid = "a"\nkind = "civil"\nnetworks = []\n' * 2, "two groups have one id"),
        ("not toml", "="),
    ],
)
def test_a_policy_with_a_mistake_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(PolicyInvalid) as refused:
        load(path)
    assert str(path) in str(refused.value) and told in str(refused.value)


def test_a_policy_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match=r"nowhere\.toml cannot be opened"):
        load(tmp_path / "nowhere.toml")


def test_a_policy_changes_the_weight_of_a_rule() -> None:
    policy = Policy(weights={"clock_not_ahead": "dispute"})
    assert policy.weight("clock_not_ahead") == "dispute" != WEIGHTS["clock_not_ahead"]
