"""The command ``up``: runs the roles of a process. Every worker is listed here.

Imports stand in the functions that need them: a server is several processes, and each would spend two more seconds of a processor on
starting if it imported what the others run.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import urlsplit

import typer

from sapparot.app import SHARED, database_of, note_signer, prepare, publish_key, share, wait_for_signal
from sapparot.base.clock import Clock, clock_from
from sapparot.base.database import UNUSABLE, unreachable
from sapparot.base.follow import Follower, run_follower
from sapparot.base.heap import look_seldom
from sapparot.base.logs import configure_logs
from sapparot.base.objects import public_objects
from sapparot.base.presence import present
from sapparot.base.problems import ROLE_UNKNOWN, USAGE, CannotGoOn, Problem
from sapparot.base.settings import Settings, environment_name, settings_from
from sapparot.examples import show_examples

if TYPE_CHECKING:
    from sapparot.people.messages import Sender

WEB_ROLES = ("intake", "web")
WORK_ROLES = ("sequence", "verify", "publish", "message", "mail", "keep", "duty")
ROLES = WEB_ROLES + WORK_ROLES
Data = Annotated[
    Path | None, typer.Option("--data", help="Directory of everything that is kept (SAPPAROT_DATA, ./sapparot-data).")
]
Role = Annotated[
    str,
    typer.Option(
        "--role",
        help="Roles of this process: intake, web, sequence, verify, publish, message, mail, keep, duty; work is the last seven.",
    ),
]
Maker = Callable[[], Follower]
commands = typer.Typer(
    name="sapparot",
    help="An independent real-time count of an election that anyone can check.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


WHY = (
    ("ไม่มีคำสั่ง {} อาจหมายถึง {} ", r"No such command '(.+?)'\. Did you mean (.+)\?"),
    ("ไม่มีคำสั่ง {} ", r"No such command '(.+)'"),
    ("มีคำเกินมา: {} ", r"unexpected extra argument\(s\) \((.+)\)"),
    ("ต้องมีค่าตามหลัง ", r"requires an argument"),
    ("ต้องขึ้นต้นด้วย http:// หรือ https:// ตามด้วยชื่อเซิร์ฟเวอร์ ", r"begins with http://"),
    ("เวลานี้ยังมาไม่ถึง โปรดใช้ปี ค.ศ. ", r"has not come yet"),
    ("ตัวเลือกนี้ไม่ต้องมีค่า ", r"does not take a value"),
    ("ต้องไม่เกิน {} ", r"less than or equal to ([\d.]*\d)"),
    ("ต้องไม่น้อยกว่า {} ", r"greater than or equal to ([\d.]*\d)"),
    ("ต้องเป็นรหัสแบบ UUID ", r"valid UUID"),
    ("ต้องเป็นตัวเลข ", r"valid number"),
    ("ต้องเป็นจำนวนเต็ม ", r"valid integer"),
    ("ต้องเป็นค่าใดค่าหนึ่งใน {} ", r"is not one of (.+?)\.?$"),
)
"""What Typer finds wrong: in Thai, and a pattern of its own words."""


class UnknownRole(CannotGoOn, kind=ROLE_UNKNOWN):
    """A role that no process can take."""


class WronglyTyped(CannotGoOn, kind=USAGE):
    """A command that cannot be understood."""


def roles_from(text: str) -> tuple[str, ...]:
    """Read ``intake,web`` or ``work``; an empty text means every role."""
    named: list[str] = []
    for role in filter(None, (part.strip() for part in text.split(","))):
        named += WORK_ROLES if role == "work" else (role,)
    if unknown := set(named) - set(ROLES):
        names, there = ", ".join(sorted(unknown)), ", ".join(ROLES)
        raise UnknownRole(
            f"ไม่มีบทบาทชื่อ {names} ที่มีคือ {there} และ work", f"no role is called {names}; there are {there} and work"
        )
    return tuple(dict.fromkeys(named)) or ROLES


def _sequence(settings: Settings, clock: Clock) -> Maker:
    from sapparot.intake.admission import Admission
    from sapparot.ledger.cosigning import Cosigning
    from sapparot.ledger.policyfile import policy_bytes
    from sapparot.ledger.signatures import VerifierKey
    from sapparot.ledger.worker import Outbox, Sequencer

    public = public_objects(settings.data, settings.public)
    asking = None
    if settings.cosigners is not None:
        key = VerifierKey.read(note_signer(settings).verifier_key())
        asking = Cosigning(policy_bytes(settings.cosigners), key, public.get)
        asking.start()

    def sequencer() -> Sequencer:
        made = Sequencer([Outbox(), Admission(clock)], note_signer(settings), public, clock)
        made.cosigners = asking or made.cosigners
        return made

    return sequencer


def _verify(settings: Settings, clock: Clock) -> Maker:
    from sapparot.verify.worker import Verifier

    return Verifier


def _publish(settings: Settings, clock: Clock) -> Maker:
    from sapparot.publish.facts import Pace
    from sapparot.publish.worker import Publisher

    public = public_objects(settings.data, settings.public)
    pace = Pace(light=settings.snapshot_seconds, full=settings.full_snapshot_seconds, kept=settings.snapshots_kept)
    return lambda: Publisher(public, publish_key(settings), clock, pace)


@cache
def _senders(settings: Settings) -> list[Sender]:
    from sapparot.people.messages import senders_from

    return senders_from(settings.senders or "", settings.senders_file)


def _message(settings: Settings, clock: Clock) -> Maker:
    from sapparot.people import Vault
    from sapparot.people.messages import Messenger

    vault, senders = Vault(settings.data / "secrets"), _senders(settings)
    return lambda: Messenger(vault, senders, clock)


def _mail(settings: Settings, clock: Clock) -> Maker:
    from sapparot.people import Vault
    from sapparot.people.messages import Mailer

    vault, senders = Vault(settings.data / "secrets"), _senders(settings)
    return lambda: Mailer(vault, senders, clock)


def _keep(settings: Settings, clock: Clock) -> Maker:
    from sapparot.contests import polling_day
    from sapparot.people.parting.worker import Keeper
    from sapparot.peoplehouse import people_of

    people = people_of(settings, clock)
    return lambda: Keeper(people.farewell, clock, settings.keep_days, polling_day)


def _duty(settings: Settings, clock: Clock) -> Maker:
    from sapparot.duty.house import Duties

    return lambda: Duties(settings, "", clock).worker()


WORKERS = {
    "sequence": _sequence,
    "verify": _verify,
    "publish": _publish,
    "message": _message,
    "mail": _mail,
    "keep": _keep,
    "duty": _duty,
}


def run(settings: Settings, roles: Sequence[str]) -> None:
    """Run the roles in this process until SIGTERM or SIGINT.

    Order at the end: the doors close after the requests in flight are answered, then the workers finish their step, the sequencer last,
    since it gives a place to what the others concluded; then the database.
    """
    clock = clock_from(settings.clock)
    with database_of(settings) as url, present(url):
        share(settings, url, [name for role in roles for name in SHARED.get(role, ())])
        prepare(settings, url, receives="intake" in roles)
        makers = {role: WORKERS[role](settings, clock) for role in roles if role in WORKERS}
        work = _web(settings, url, roles) if set(roles) & set(WEB_ROLES) else _watched(settings, url)
        look_seldom()
        first = [makers.pop("sequence")] if "sequence" in makers else []
        with _following(url, first), _following(url, makers.values()):
            work()


@contextmanager
def _following(url: str, makers: Iterable[Maker]) -> Iterator[None]:
    """Lead these followers for the length of a block, and let them finish at its end."""
    stop = threading.Event()
    threads = [threading.Thread(target=run_follower, args=(make, url, stop), daemon=True) for make in makers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _web(settings: Settings, url: str, roles: Sequence[str]) -> Callable[[], None]:
    from sapparot.side import serve, web_side

    _senders(settings)  # raises here too: a server that can send no code must not ask for telephones
    side = web_side(settings, url, roles)
    return lambda: serve(side)


def _watched(settings: Settings, url: str) -> Callable[[], None]:
    if settings.watch_port is None:
        return wait_for_signal
    from sapparot.base.server import make_server
    from sapparot.base.watching import watch_gate

    server = make_server(watch_gate(settings.data, url), settings.host, settings.watch_port)
    return server.run


def settings_of(**overrides: object) -> Settings:
    """Return the settings of a command, and begin to write log lines as they say."""
    settings = settings_from(**overrides)  # type: ignore[arg-type]
    configure_logs(settings.log_format)
    return settings


@commands.callback()
def about() -> None:
    """An independent real-time count of an election that anyone can check."""


@commands.command()
def up(
    role: Role = "",
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (SAPPAROT_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (SAPPAROT_PORT).")] = None,
) -> None:
    """Run the count: every role in one process with an embedded database, or some of them with --role."""
    settings, roles = settings_of(data=data, host=host, port=port), roles_from(role)
    from sapparot.base.server import refuse_taken

    if set(roles) & set(WEB_ROLES):
        refuse_taken(settings.host, settings.port)  # before the database starts
    elif settings.watch_port is not None:
        refuse_taken(settings.host, settings.watch_port, environment_name("watch_port"))
    run(settings, roles)


show_examples(commands)


def web_address(text: str) -> str:
    """Return the address of a server as it was typed; raises for what is none."""
    try:
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return text
    except ValueError:  # what is no port, or brackets around nothing
        pass
    raise typer.BadParameter("an address begins with http:// or https:// and names a server")


def command_line(commands: typer.Typer) -> None:
    """Run a command, and tell in words what a person can mend."""
    try:
        sys.exit(_typed(commands))
    except (Problem, CannotGoOn) as problem:
        typer.echo(f"{problem.detail.th}\n{problem.detail.en} [{problem.kind.code}]", err=True)
        flaws = problem.extensions.get("errors", []) if isinstance(problem, Problem) else []
        for flaw in cast("list[dict[str, str]]", flaws):
            typer.echo(f"{flaw['th']}\n{flaw['en']}", err=True)
    sys.exit(2)


def _typed(commands: typer.Typer) -> int | None:
    """Run a command; return its exit code. Raises :class:`WronglyTyped`, :class:`DatabaseUnavailable`."""
    try:
        return cast("int | None", commands(standalone_mode=False))
    except UNUSABLE as error:  # it was there when the command began
        raise unreachable(error) from error
    except typer.Abort:  # somebody left a question unanswered
        return 1
    except typer.TyperException as slip:
        if not slip.format_message():  # called without words, it has shown its help
            return 2
        raise _wrong(slip) from slip


def _wrong(slip: typer.TyperException) -> WronglyTyped:
    """Name the word that is wrong, and why; Typer says so in English alone."""
    said = slip.format_message()
    why = next((th.format(*found.groups()) for th, words in WHY if (found := re.search(words, said))), "")
    said += "" if said[-1] in ".?" else "."
    parameter, context, option = (getattr(slip, name, None) for name in ("param", "ctx", "option_name"))
    about = getattr(slip, "param_hint", None) or (parameter.get_error_hint() if parameter else option)
    look = f"{context.command_path if context else 'sapparot'} --help"
    if hasattr(slip, "possibilities"):
        return WronglyTyped(f"ไม่มีตัวเลือก {option} ดูวิธีใช้ด้วย {look}", f"{said} See {look}")
    if parameter and not slip.message:
        return WronglyTyped(f"ยังไม่ได้ใส่ {about} ดูวิธีใช้ด้วย {look}", f"{said} See {look}")
    if about:
        return WronglyTyped(f"ค่าของ {about} ใช้ไม่ได้ {why}ดูวิธีใช้ด้วย {look}", f"{said} See {look}")
    return WronglyTyped(f"คำสั่งที่พิมพ์ไม่ถูกต้อง {why}ดูวิธีใช้ด้วย {look}", f"{said} See {look}")
