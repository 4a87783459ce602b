"""The command line: each command calls one slice.

What only one command needs and takes long to import is imported in it: no other command waits for the web side or for a demo.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from sapparot import app as application
from sapparot import contests, keycare, ledger, logcare, peoplecare, photocare
from sapparot.audit import command as auditing
from sapparot.audit.facts import Plan as AuditPlan
from sapparot.audit.progress import Bar
from sapparot.base import canonical
from sapparot.base.clock import clock_from
from sapparot.base.database import connect
from sapparot.base.disk import write_asked
from sapparot.base.problems import Problem
from sapparot.base.shipped import shipped
from sapparot.base.text import Language, Text
from sapparot.contests.votes_csv import seats_command, seats_json, seats_table
from sapparot.demo.facts import DemoPlan, Doors
from sapparot.duty.rolls import Rolls
from sapparot.examples import show_examples
from sapparot.intake.keeping import decide
from sapparot.ledger import anchoring
from sapparot.people import Invited, Network, add_network, make_invite
from sapparot.people.granting.problems import NO_CONSTITUENCY
from sapparot.people.problems import NETWORK_UNKNOWN
from sapparot.people.rules import fitting, network_name
from sapparot.publish.recount import recount as count_again
from sapparot.publish.stored import StoredLog
from sapparot.up import Data, command_line, settings_of, up, web_address

cli = typer.Typer(
    name="sapparot",
    help="An independent real-time count of an election that anyone can check.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

THAILAND = shipped("data") / "elections" / "th-2566"
DEMO = Path("sapparot-data/demo")


@cli.callback()
def about() -> None:
    """An independent real-time count of an election that anyone can check."""


cli.command()(up)


@cli.command()
def network(
    identity: Annotated[str, typer.Argument(metavar="ID", help="Small letters, digits and hyphens.")],
    th: Annotated[str, typer.Option(help="Name in Thai.")],
    en: Annotated[str, typer.Option(help="Name in English.")],
    data: Data = None,
) -> None:
    """Add a network that recruits volunteers; its key is made here and announced in the log."""
    settings, name = settings_of(data=data), network_name(th, en)
    key = application.keyring(settings).make(identity)
    with application.database_of(settings) as url, connect(url) as connection:
        add_network(connection, Network(identity, name, key.jwk))


@cli.command()
def invite(
    identity: Annotated[str, typer.Argument(metavar="NETWORK", help="Id of the network.")],
    level: Annotated[int, typer.Option(min=1, max=3, help="1 station, 2 constituency head, 3 war room.")] = 1,
    area: Annotated[str | None, typer.Option(help="Constituency, such as 10-01; level 2 needs it.")] = None,
    uses: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many devices it may enrol.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="How long it stands.")] = 30,
    data: Data = None,
) -> None:
    """Print a new invite code of a network; only its hash is kept."""
    settings, invited = settings_of(data=data), fitting(Invited(level, area))
    if settings.database_url is None and not application.keyring(settings).holds(identity):
        raise Problem(NETWORK_UNKNOWN, network=identity)  # before a database starts for it
    until = clock_from(settings.clock).now() + timedelta(days=days)
    with application.database_of(settings) as url, connect(url) as connection:
        if area and not asyncio.run(Rolls(url).constituency(area)):
            raise Problem(NO_CONSTITUENCY)
        typer.echo(make_invite(connection, identity, invited, uses, until))


@cli.command("import")
def import_election(
    folder: Annotated[
        Path, typer.Argument(help="Folder of election.toml, areas.csv, parties.csv, options.csv, stations.csv.")
    ],
    stations: Annotated[
        Path | None, typer.Option(help="A list of stations in place of the folder's stations.csv.")
    ] = None,
    correct: Annotated[
        bool,
        typer.Option(
            "--correct", help="Put the tables in the place of those imported before; only before the first report."
        ),
    ] = False,
    data: Data = None,
) -> None:
    """Define an election from tables: everything is checked first, and nothing is imported when anything is wrong."""
    from sapparot import electioncare

    settings = settings_of(data=data)
    with Bar(sys.stderr) as bar:
        bar("tables", 0, 1)
        entries = contests.define(contests.read_folder(folder, stations))
        bar("database", 0, 1)
        with application.database_of(settings) as url, connect(url) as connection:
            now = clock_from(settings.clock).now()
            new = electioncare.correct(connection, entries, now) if correct else contests.save(connection, entries)
        bar("database", 1, 1)
    typer.echo("imported" if new else "imported before; nothing changed")


@cli.command()
def seats(
    votes: Annotated[
        Path, typer.Argument(help="CSV with party,votes[,constituency_seats][,list_names]; - reads it from the input.")
    ],
    rule: Annotated[str, typer.Option(help="Seat rule: th-2566 or th-2562.")] = "th-2566",
    lot: Annotated[list[str] | None, typer.Option(help="A party that a lot gave a tied seat; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of the table.")] = "th",
) -> None:
    """Give the seats that votes win under a seat rule, in exact fractions."""
    outcome = seats_command(votes, rule, lot or ())
    typer.echo(canonical.encode(seats_json(outcome)) if as_json else seats_table(outcome, lang))


@cli.command()
def verify(
    data: Data = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Write lost or altered tiles again from the entries.")
    ] = False,
) -> None:
    """Recompute every hash of the stored log, its checkpoint and its tiles; exit 1 when anything differs and stays so."""
    settings = settings_of(data=data)
    with logcare.kept_log(settings) as (_, connection), Bar(sys.stderr) as bar:
        size = ledger.head(connection).size
        checked = ledger.check(connection, lambda done: bar("entries", done, size))
        flaws = [Text(f"{position}: {what.th}", f"{position}: {what.en}") for position, what in checked]
        wrong, ours = logcare.checkpoint_flaw(settings, connection)
        comparable = ours and not flaws
        tiles = logcare.tile_flaws(settings, connection, repair=repair) if comparable else []
        if not comparable:
            typer.echo(f"{logcare.NOT_COMPARED.th}\n{logcare.NOT_COMPARED.en}", err=True)
        flaws += [wrong] if wrong else []
    for flaw in flaws + tiles:
        typer.echo(f"{flaw.th}\n{flaw.en}", err=True)
    said = logcare.verified(size, len(flaws) + len(tiles), len(tiles) if repair else 0)
    typer.echo(f"{said.th}\n{said.en}")
    for words in logcare.checkpoint_words(settings, size):
        typer.echo(f"{words.th}\n{words.en}")
    if flaws or (tiles and not repair):
        raise typer.Exit(1)


@cli.command()
def promise(
    kept: Annotated[Path, typer.Argument(metavar="PROMISE", help="JSON file with a report and its promise.")],
    log: Annotated[
        Path, typer.Argument(help="Copy of the log: the directory of checkpoint and tile/, or a checkpoint there.")
    ],
    key: Annotated[
        str | None, typer.Option(help="Verifier key of the log, or its file; log.vkey of the copy by default.")
    ] = None,
) -> None:
    """Decide whether a promise was kept, without the server, from two files that anyone may have."""
    from sapparot.ledger.cosigner_doors import read_log_key

    verdict = decide(kept, log, read_log_key(key) if key else None)
    said = verdict.sentence()
    typer.echo(f"{said.th}\n{said.en}")
    raise typer.Exit({"kept": 0, "broken": 1, "open": 3}[verdict.outcome])


@cli.command()
def recount(
    data: Data = None,
    every: Annotated[int, typer.Option(min=1, help="Render each n-th snapshot and the last one.")] = 1,
    signatures: Annotated[bool, typer.Option("--signatures", help="Verify every signature again.")] = False,
) -> None:
    """Count again from the log alone: every conclusion and every snapshot must come out the same; exit 1 when one does not."""
    with logcare.kept_log(settings_of(data=data)) as (url, connection), Bar(sys.stderr) as bar:
        size = ledger.head(connection).size
        connection.rollback()  # nothing is held back while we count
        found = count_again(StoredLog(url), every, signatures=signatures, tell=lambda done: bar("recount", done, size))
    for flaw in logcare.disagreements(found):
        typer.echo(f"{flaw.th}\n{flaw.en}", err=True)
    for said in logcare.recounted(found):
        typer.echo(f"{said.th}\n{said.en}")
    if not found.equal:
        raise typer.Exit(1)


@cli.command()
def audit(
    source: Annotated[str, typer.Argument(metavar="URL|DIR", help=auditing.HELP["source"])],
    key: Annotated[str | None, typer.Option(help=auditing.HELP["key"])] = None,
    checkpoint: Annotated[list[Path] | None, typer.Option(help=auditing.HELP["checkpoint"])] = None,
    state: Annotated[Path | None, typer.Option(help=auditing.HELP["state"])] = None,
    policy: Annotated[Path | None, typer.Option(help=auditing.HELP["policy"])] = None,
    sample: Annotated[int | None, typer.Option(min=0, help=auditing.HELP["sample"])] = None,
    every: Annotated[int, typer.Option(min=1, help=auditing.HELP["every"])] = 1,
    processes: Annotated[int | None, typer.Option(min=1, help=auditing.HELP["processes"])] = None,
    keep: Annotated[Path | None, typer.Option(help=auditing.HELP["keep"])] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help=auditing.HELP["json"])] = None,
) -> None:
    """Check everything from a plain copy of what was published, or from its address; exit 1 when something does not hold."""
    plan = AuditPlan(
        source=source,
        key=auditing.key_from(key),
        checkpoints=tuple(checkpoint or ()),
        state=state,
        policy=policy,
        sample=sample,
        every=every,
        processes=processes or auditing.processes(),
        keep=keep,
    )
    raise typer.Exit(auditing.run(plan, json_file, (sys.stdout, sys.stderr)))


@cli.command()
def cosign(
    name: Annotated[str, typer.Option(help="Name of this cosigner, such as cosigner.example.ac.th; choose it once.")],
    log: Annotated[list[str], typer.Option(help="Verifier key of a log, or the file that holds it; may be repeated.")],
    data: Annotated[Path, typer.Option(help="Directory of the key and of what was cosigned.", file_okay=False)] = Path(
        "sapparot-cosigner"
    ),
    host: Annotated[str | None, typer.Option(help="Address to listen on (SAPPAROT_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (SAPPAROT_PORT).")] = None,
) -> None:
    """Cosign the checkpoints of logs that others run: each must continue the one before; needs no database."""
    from sapparot.base.server import make_server, refuse_taken
    from sapparot.ledger.cosigner_doors import cosigner_doors, gate_of, open_cosigner, read_log_key

    settings = settings_of(data=data, host=host, port=port)
    keys = [read_log_key(text) for text in log]
    refuse_taken(settings.host, settings.port)
    cosigner = open_cosigner(settings.data, name, keys, clock_from(settings.clock))
    typer.echo(cosigner.key.verifier_key.text)
    doors = gate_of(cosigner_doors(cosigner), settings.data)
    make_server(doors, settings.host, settings.port, settings.body_seconds).run()


@cli.command()
def mirror(
    address: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="Where the log is served: checkpoint and tile/ below.", callback=web_address
        ),
    ],
    log: Annotated[str, typer.Option(help="Verifier key of the log, or the file that holds it.")],
    name: Annotated[str | None, typer.Option(help="Cosign what is mirrored, under this name.")] = None,
    every: Annotated[float, typer.Option(min=0.1, max=86_400, help="Seconds between two looks at the log.")] = 2.0,
    data: Annotated[Path, typer.Option(help="Directory of the copy.", file_okay=False)] = Path("sapparot-mirror"),
    host: Annotated[str | None, typer.Option(help="Address to listen on (SAPPAROT_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (SAPPAROT_PORT).")] = None,
) -> None:
    """Keep and serve a verified copy of a log that others run; needs no database."""
    from sapparot.base.server import make_server, refuse_taken
    from sapparot.ledger.cosigner_doors import gate_of, read_log_key
    from sapparot.ledger.mirror_doors import follow, from_web, mirror_doors, open_mirror

    settings = settings_of(data=data, host=host, port=port)
    key = read_log_key(log)
    refuse_taken(settings.host, settings.port)
    copy = open_mirror(settings.data, key, from_web(address), clock_from(settings.clock), name=name)
    if copy.key:
        typer.echo(copy.key.verifier_key.text)
    stop = threading.Event()
    follower = threading.Thread(target=follow, args=(copy, every, stop), daemon=True)
    follower.start()
    doors = gate_of(mirror_doors(copy), settings.data)
    make_server(doors, settings.host, settings.port, settings.body_seconds).run()
    stop.set()
    follower.join()


@cli.command()
def demo(
    scale: Annotated[
        float, typer.Option(min=0.001, max=1.0, help="Share of the nation's stations; votes stay exact.")
    ] = 1.0,
    speed: Annotated[
        float | None, typer.Option(min=0.1, help="Simulated seconds per second; as fast as it goes by default.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same evening.")] = 1,
    honest: Annotated[bool, typer.Option("--honest", help="Nobody errs and nobody lies.")] = False,
    once: Annotated[bool, typer.Option("--once", help="End after the summary instead of serving on.")] = False,
    data: Annotated[Path, typer.Option(help="Directory; an earlier demo in it is replaced.")] = DEMO,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the summary here too.")] = None,
    port: Annotated[int, typer.Option(help="Port of the live page; 0 takes a free one.")] = 8000,
    election: Annotated[Path | None, typer.Option(help="Folder of the election; Thailand 2566 by default.")] = None,
    doors: Annotated[
        Doors, typer.Option(help="How phones come in: devices (by invite code) or people (who join).")
    ] = "devices",
) -> None:
    """Live through a whole election evening and end with its parliament; exit 1 when the recount, or that of --honest, differs."""
    from sapparot.demo import evening, progress, stage, summary

    settings = settings_of(data=data, port=port or stage.free_port("127.0.0.1"))
    stage.refuse_summary(json_file, settings.data)
    plan = DemoPlan(election=election or THAILAND, scale=scale, speed=speed, seed=seed, honest=honest, doors=doors)
    console = Console(stderr=True)
    with progress.shown(console, settings.zone) as bars:
        lived = evening.Demo(plan, settings, bars)
        console.print(f"live page: {lived.address}")
        with lived.run() as found:
            bars.close()
            summary.show(found, Console(), settings.zone)
            if json_file:
                write_asked(json_file, msgspec.json.format(msgspec.json.encode(found)) + b"\n")
            if not once:
                lived.go_on()
                said = f"still serving {lived.address}; Ctrl-C ends it\n{lived.guide}"
                console.print(said, highlight=False, soft_wrap=True)
                application.wait_for_signal()
    if not found.recount_equal or (honest and not found.parliament_equal):
        raise typer.Exit(1)


simulate = typer.Typer(help="Rehearse an evening against a server that runs elsewhere.", no_args_is_help=True)
cli.add_typer(simulate, name="simulate")
cli.add_typer(anchoring.commands, name="anchor")
cli.add_typer(keycare.commands, name="keys")
cli.add_typer(photocare.commands, name="evidence")
cli.add_typer(peoplecare.commands, name="people")
Place = Annotated[Path, typer.Argument(help="Directory of the rehearsal.", file_okay=False)]


@simulate.command("prepare")
def simulate_prepare(
    place: Place,
    scale: Annotated[float, typer.Option(min=0.001, max=1.0, help="Share of the nation's stations.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same nation.")] = 1,
    honest: Annotated[bool, typer.Option("--honest", help="Nobody errs and nobody lies.")] = False,
    election: Annotated[Path | None, typer.Option(help="Folder of the election; Thailand 2566 by default.")] = None,
) -> None:
    """Draw the nation: an election folder to import on the server, and invites.json, in which its codes are filled in."""
    from sapparot.simulate.rehearsal import Rehearsal
    from sapparot.simulate.rehearsal import prepare as prepare_rehearsal

    plan = Rehearsal(source=election or THAILAND, place=place, scale=scale, seed=seed, honest=honest)
    with Bar(sys.stderr) as bar:
        bar("nation", 0, 1)
        invites = prepare_rehearsal(plan)
        bar("nation", 1, 1)
    for wanted in invites:
        typer.echo(f"{wanted.name}: {wanted.uses:,} devices")


@simulate.command("play")
def simulate_play(
    place: Place,
    url: Annotated[str, typer.Argument(metavar="URL", help="Address of the server.", callback=web_address)],
    speed: Annotated[float | None, typer.Option(min=0.1, help="Simulated seconds per second.")] = None,
) -> None:
    """Play the prepared evening through the server's doors, and say how they answered; fill the codes into invites.json first."""
    from sapparot.demo.progress import shown
    from sapparot.simulate.rehearsal import prepared, rehearse

    with shown(Console(stderr=True), settings_of().zone) as bars:
        log = rehearse(prepared(place), url, speed=speed, tell=bars)
    typer.echo(msgspec.json.format(msgspec.json.encode(log.counts)))


show_examples(cli)


def main() -> None:
    """Run the command line."""
    command_line(cli)


if __name__ == "__main__":
    main()
