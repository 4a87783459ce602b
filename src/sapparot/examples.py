"""What `--help` shows below the options of each command: how it is typed, and its exit codes (as docs/reference/commands.md has them)."""

from __future__ import annotations

import typer

from sapparot.base.text import Text

WRONG = "2 the input, a setting or the machine is wrong, and the message says how"
NAME = Text("โหวต62", "Vote62")
PLAIN = f"0 done; {WRONG}"


def checks(found: str, wrong: str = WRONG) -> str:
    """Say the exit codes of a command that looks for something."""
    return f"0 done; 1 {found}; {wrong}"


EXAMPLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "up": (
        "0 stopped in order; 2 a setting or the machine is wrong, and the message says how",
        ("sapparot up", "sapparot up --role intake,web --port 8000"),
    ),
    "import": (
        PLAIN,
        (
            "sapparot import data/elections/small",
            "sapparot import my-election --stations stations.csv",
            "sapparot import my-election --correct",
        ),
    ),
    "network": (PLAIN, (f'sapparot network vote62 --th "{NAME.th}" --en "{NAME.en}"',)),
    "invite": (PLAIN, ("sapparot invite vote62 --uses 50", "sapparot invite vote62 --level 2 --area 10-01")),
    "seats": (PLAIN, ("sapparot seats votes.csv --rule th-2566", "sapparot seats votes.csv --lot North --json")),
    "verify": (checks("something differs"), ("sapparot verify", "sapparot verify --data /srv/count --repair")),
    "promise": (
        "0 kept; 1 broken; 3 not decided yet; 2 promise or copy cannot be used",
        ("sapparot promise promise.json copy/log", "sapparot promise promise.json copy/log --key log.vkey"),
    ),
    "recount": (
        checks("a conclusion or a snapshot does not come out the same"),
        ("sapparot recount", "sapparot recount --every 100 --signatures"),
    ),
    "audit": (
        "0 everything holds; 1 something does not; 2 something is missing, so that it cannot be judged",
        ("sapparot audit https://count.example.org", "sapparot audit copy --key log.vkey --json report.json"),
    ),
    "cosign": (PLAIN, ("sapparot cosign --name cosigner.example.ac.th --log log.vkey --port 8010",)),
    "mirror": (PLAIN, ("sapparot mirror https://count.example.org/log --log log.vkey --port 8020",)),
    "demo": (
        checks("the recount differs, or, with --honest, the parliament"),
        ("sapparot demo --scale 0.01", "sapparot demo --once --honest --json summary.json"),
    ),
    "simulate prepare": (PLAIN, ("sapparot simulate prepare rehearsal --scale 0.01",)),
    "simulate play": (PLAIN, ("sapparot simulate play rehearsal https://rehearsal.example.org --speed 60",)),
    "anchor add": (checks("an anchor did not succeed"), ("SAPPAROT_ANCHORS=ots sapparot anchor add",)),
    "anchor upgrade": (checks("an anchor did not succeed"), ("SAPPAROT_ANCHORS=ots sapparot anchor upgrade",)),
    "anchor check": (
        checks("a proof is refused"),
        ("sapparot anchor check", "sapparot anchor check --headers blocks.txt --key log.vkey"),
    ),
    "anchor deploy": (PLAIN, ("sapparot anchor deploy contracts/built/CheckpointAnchor.json",)),
    "keys rotate": (PLAIN, ("sapparot keys rotate vote62",)),
    "keys replace": (
        checks("the question was not answered with yes"),
        ("sapparot keys replace tokens.key", "sapparot keys replace vault/1.key --yes"),
    ),
    "keys revoke": (
        checks("a device is not enrolled or was revoked before"),
        ("sapparot keys revoke THUMBPRINT --reason lost --since 2023-05-14T11:00:00Z",),
    ),
    "keys list": (PLAIN, ("sapparot keys list vote62 sapparot-data",)),
    "keys agent": (PLAIN, ("sapparot keys agent /run/sapparot/log.sock",)),
    "evidence remove": (
        PLAIN,
        ("sapparot evidence remove 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",),
    ),
    "people add": (PLAIN, ("sapparot people add vote62",)),
    "people grant": (
        PLAIN,
        (
            "sapparot people grant 0197a6f0-5b1c-7d2e-8f00-1a2b3c4d5e6f centre",
            "sapparot people grant 0197a6f0-5b1c-7d2e-8f00-1a2b3c4d5e6f head --area 10-01",
        ),
    ),
    "people ungrant": (PLAIN, ("sapparot people ungrant 17",)),
    "people lost": (PLAIN, ("sapparot people lost 0197a6f0-5b1c-7d2e-8f00-1a2b3c4d5e6f",)),
    "people import": (
        checks("rows were left out"),
        ("sapparot people import vote62 people.csv --dry-run", "sapparot people import vote62 people.csv"),
    ),
    "people invites": (
        PLAIN,
        ("sapparot people invites vote62", "sapparot people invites vote62 --cancel 3f9a2c51b07d"),
    ),
    "people reseal": (PLAIN, ("sapparot people reseal --new-key",)),
}
"""Exit codes and examples, by the words of the command."""


def show_examples(commands: typer.Typer, *before: str) -> None:
    """Put examples and exit codes below the help of every command of a group and of the groups in it."""
    for group in commands.registered_groups:
        if group.typer_instance is not None:
            show_examples(group.typer_instance, *before, str(group.name))
    for command in commands.registered_commands:
        name = " ".join((*before, str(command.name or getattr(command.callback, "__name__", ""))))
        if said := EXAMPLES.get(name):
            command.epilog = epilog(*said)


def epilog(exits: str, examples: tuple[str, ...]) -> str:
    """Return what stands below the help: a line for each example, and the exit codes."""
    return "\n\n".join((*(f"Example: {example}" for example in examples), f"Exit codes: {exits}."))
