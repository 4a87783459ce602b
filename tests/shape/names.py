"""What each slice may contain, and the few places that may do what others may not. A new file is named here in the same commit."""

STANDARD = {"__init__", "facts", "problems", "rules", "store", "api", "worker"}
"""The same names in every slice."""

FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
"""Names that say nothing, in any folder."""

TOP = {
    "__init__",
    "__main__",
    "app",
    "cli",
    "examples",
    "electioncare",
    "keycare",
    "logcare",
    "peoplecare",
    "peoplehouse",
    "photocare",
    "side",
    "up",
}
"""Files directly in the package."""

CONCEPTS: dict[str, set[str]] = {
    part: set(words.split())
    for part, words in {
        "base": (
            "asgi canonical children clock database disk doors embedded follow gate groupcommit guard heap jws keys "
            "lodging logs machine metrics objects operators outbox outside pointers presence proxies server settings "
            "shared shipped signers text watching"
        ),
        "contests": (
            "allotment bounds entries header importing roll seats seats_th_2562 seats_th_2566 tables votes_csv"
        ),
        "people": (
            "house keyring tokens "
            "granting/api granting/facts granting/office granting/problems granting/rules granting/store "
            "importing/columns importing/facts importing/importer importing/problems importing/rules importing/store "
            "importing/table importing/waiting census/facts census/records census/store "
            "joining/api joining/facts joining/problems joining/reception joining/rules joining/store "
            "organising/api organising/bureau organising/facts organising/problems organising/store "
            "own/account own/api own/facts own/store parting/facts parting/farewell parting/store parting/worker "
            "devices/api devices/problems devices/revoked devices/store "
            "messages/api messages/facts messages/mailer messages/mailings messages/problems messages/rules messages/senders "
            "messages/store messages/worker "
            "passkeys/api passkeys/ceremony passkeys/facts passkeys/problems passkeys/rules passkeys/store "
            "providers/api providers/discovery providers/facts providers/idtoken providers/known providers/linking "
            "providers/problems providers/roundtrip providers/rules providers/store providers/subjects "
            "persons/facts persons/phones persons/problems persons/registry persons/resealing persons/rules persons/store persons/vault "
            "signin/api signin/authority signin/codes signin/coming signin/entrance signin/facts signin/once signin/problems "
            "signin/rules signin/store "
            "terms/api terms/facts terms/problems terms/rules terms/store terms/wording"
        ),
        "ledger": (
            "copies growth notes proofs published rebuilding receipts shelf tiles tree "
            "agent anchoring anchors bitcoin calendars evm opentimestamps "
            "authentic cosignatures cosigner cosigner_doors cosigning kept mirror mirror_doors policyfile quorum "
            "signatures submission wording"
        ),
        "evidence": "arrivals darkroom photographs removal resuming sandbox unfinished uploads",
        "intake": "admission keeping privacy promises refusals",
        "verify": (
            "admission arithmetic bearers copies count course decisions engine entries ground hearing hood judging "
            "letters neighbours policy register scene sentences shapes states timing weights "
            "whereabouts wording"
        ),
        "tally": "coverage fold levels moves outcome parties result standings sums",
        "publish": "areas events headline recount render rows seating sheets stored",
        "duty": (
            "rolls sheets/api sheets/facts sheets/rules "
            "assignments/facts assignments/matching assignments/planning assignments/spreading assignments/terrain "
            "assignments/api assignments/nearby assignments/roster assignments/rules assignments/store assignments/wording "
            "announcements/api announcements/facts announcements/office announcements/store "
            "checkins/api checkins/facts checkins/rules checkins/store "
            "disclosure/discloser disclosure/lists disclosure/store "
            "house runs/api runs/desk runs/planner runs/store "
            "comparison/api comparison/balance comparison/facts comparison/rules comparison/store comparison/table comparison/wording "
            "returns/api returns/book returns/facts returns/rules returns/watch "
            "coverage/api coverage/board coverage/closeness coverage/facts coverage/survey "
            "training/api training/course training/facts training/rules training/store"
        ),
        "audit": (
            "chain checkpoints command crew definitions download findings hashes inspection opening photographs progress "
            "published recounting replays sentences signatures source supply survey tilelog times wording words"
        ),
        "simulate": (
            "ballots board browsers conductor deviations evening gathering habits judge mistakes mix muster nation people phone "
            "photograph play processes published rehearsal roll sender sums truth walking watcher wire"
        ),
        "web": (
            "assets framing guarded head/announcing head/comparing head/desk head/members head/pages head/stations language leading "
            "organise/announcing organise/bringing organise/covering organise/desk organise/home organise/inviting "
            "organise/members organise/overview organise/pages organise/phones organise/planning organise/wards organise/wording "
            "public/answers public/colours public/contests public/desk public/facts "
            "public/hemicycle public/hexgrid public/hexmap public/hexregions public/hexseats "
            "public/hexspread public/mapdraw public/notices public/pages public/parliament "
            "public/records public/snapshots public/stations public/trail public/views render signin/elsewhere "
            "signin/pages signin/practice signin/ways "
            "volunteer/facts volunteer/invitations volunteer/pages"
        ),
        "texting": "desk gateways house marks wording",
        "demo": "evening hosts memory pipeline progress stage summary visible",
    }.items()
}
"""Files named after a concept of the subject, by slice."""

SQL_OUTSIDE_STORES = {
    "base/database.py",  # migrations and notices
    "base/embedded.py",  # makes the first database
    "base/follow.py",  # cursors and the lock of the leader
    "base/metrics.py",  # asks whether the database answers
    "base/outbox.py",  # the one queue in front of the ledger
    "base/presence.py",  # the lock of who runs
}
READS_THE_CLOCK = {"base/clock.py"}
TAKES_CHANCES = {
    "audit/photographs.py",  # a sample that nobody can know beforehand
    "base/keys.py",  # secrets of the data directory
    "people/joining/store.py",  # ids of persons and invite codes
    "people/persons/vault.py",  # nonces
    "people/signin/once.py",  # challenges of passkeys, ways to a provider and back
    "people/signin/store.py",  # tokens of sessions, one-time codes
    "people/store.py",  # invite codes
    "texting/store.py",  # codes that bind a chat account
}
SEEDED_CHANCE = {"simulate"}
"""Slices that may use a seeded ``Random`` or numpy ``Generator``; the seed is a parameter."""
CATCHES_EVERYTHING = {
    "base/follow.py",  # a follower that failed is started again
    "base/gate.py",  # whatever a door did not foresee is logged and answered as a problem
    "base/groupcommit.py",  # what failed is handed on to every caller of the batch
}
SPEAKS_THAI = {
    "contests/seats_th_2562.py",
    "contests/seats_th_2566.py",
    "web/language.py",  # how Thai writes dates and times
}
"""Modules that may hold Thai text without its English beside it."""
NAMES_A_ZONE = {
    "base/settings.py",  # the default of SAPPAROT_TIMEZONE
    "contests/problems.py",  # an example of a time with its offset
}
"""Files that may name the Thai time zone or its offset."""
