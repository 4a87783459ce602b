"""An election with more ballots than a constituency's and a list's: pages show each, and the parties those of the lists alone."""

from __future__ import annotations

import json
import re
from collections import Counter

from sapparot.base import canonical
from sapparot.contests import Election, assemble, define, read_folder
from sapparot.publish.facts import SnapshotMeta
from sapparot.publish.render import Renderer
from sapparot.tally import Tally
from tests.web.conftest import Ask
from tests.web.evenings import DATA, Evening

META = SnapshotMeta(n=1, size=9, root="4f" * 32, at="2026-03-01T13:14:32.000000Z", full=True, previous=None)
MORE = {
    "governor": ("province", 'th = "ผู้ว่าการ", en = "Governor"'),
    "president": ("country", 'th = "ประธานาธิบดี", en = "President"'),
    "charter": ("country", 'th = "ประชามติ", en = "Referendum"'),
}
OPTIONS = """governor,01,1,mango,,Gita
governor,02,1,mango,,Goran
president,SM,1,mango,,Paula
president,SM,2,,,Peter
charter,SM,1,,,Yes
charter,SM,2,,,No
"""


def tables() -> dict[str, bytes]:
    """Give the small election with a governor of each province, a president and a referendum; the governor comes before the list."""
    found = {name: data.decode() for name, data in read_folder(DATA / "small").items()}
    text = {
        code: f'[[ballots]]\ncode = "{code}"\nscope = "{scope}"\nname = {{ {name} }}\n\n'
        for code, (scope, name) in MORE.items()
    }
    before, at, after = found["election.toml"].partition('[[ballots]]\ncode = "list"')
    lists, forms, last = (at + after).partition("[[forms]]")
    found["election.toml"] = before + text["governor"] + lists + text["president"] + text["charter"] + forms + last
    found["options.csv"] += OPTIONS
    return {name: data.encode() for name, data in found.items()}


def votes_of(election: Election, sheet: int) -> dict[str, int]:
    """Give a sheet votes that no two columns share."""
    return {
        str(option): 7 * number + sheet % 5 for number, option in enumerate(election.contest_of(sheet).numbers, start=1)
    }


def counted() -> tuple[Evening, Election]:
    """Give the snapshot in which every sheet is confirmed."""
    entries = define(tables())
    election = assemble([body for _, body in entries])
    tally, moves = Tally(), []
    for sheet in range(election.sheets):
        station, ballot = divmod(sheet, len(election.ballots))
        votes = votes_of(election, sheet)
        told = {"votes": votes, "valid": sum(votes.values()), "spoiled": 1, "no_vote": 2}
        key = f"{election.stations.codes[station]}/{election.ballots[ballot].code}"
        move = {"kind": "move", "v": 1, "sheet": key, "was": "empty", "state": "confirmed", "layer": "confirmed"}
        moves.append(("move", canonical.encode({**move, "figures": told, "cause": 0, "sources": 2})))
    tally.apply_many([(position, kind, body) for position, (kind, body) in enumerate([*entries, *moves])])
    renderer = Renderer(election)
    return Evening(renderer.definition, renderer.render(tally.result(), META)), election


def sums(election: Election, code: str) -> Counter[str]:
    """Add up the votes of a ballot in the whole country."""
    ballot = [one.code for one in election.ballots].index(code)
    return sum(
        (Counter(votes_of(election, sheet)) for sheet in range(ballot, election.sheets, len(election.ballots))),
        Counter(),
    )


def rows(page: str, heading: str) -> dict[str, str]:
    """Give the votes by name in the table below a heading."""
    table = page[page.index(f">{heading}</h2>") :].partition("</table>")[0]
    found = re.findall(r'<th scope="row">.*?</i>(.*?)(?:<small>.*?)?</th><td class="n">([\d,]+)', table)
    return {name.strip(): votes.replace(",", "") for name, votes in found}


def test_the_country_shows_who_got_what_on_every_ballot_that_it_votes_on_as_one(ask: Ask) -> None:
    evening, election = counted()
    page = ask(evening).get("/en").text
    for heading, code, names in (
        ("President", "president", ("Paula", "Peter")),
        ("Referendum", "charter", ("Yes", "No")),
    ):
        wanted = sums(election, code)
        assert rows(page, heading) == {name: str(wanted[str(n)]) for n, name in enumerate(names, start=1)}


def test_list_votes_of_a_party_are_those_of_the_ballot_that_fills_the_lists(ask: Ask) -> None:
    evening, election = counted()
    told = json.loads(evening.files["headline.json"])["parties"]
    client = ask(evening)
    page = client.get("/en").text
    for party in told:
        row = page[page.index(f"<span>{party['name']['en']}</span>") :].partition("</tr>")[0]
        assert f'<td class="n wide">{party["votes"]:,}</td>' in row
    assert sum(party["votes"] for party in told) == sums(election, "list").total()
    assert "Votes counted: Party list" in client.get("/en/province/01").text


def test_a_column_of_people_or_answers_is_not_headed_as_one_of_parties(ask: Ask) -> None:
    evening, _ = counted()
    page = ask(evening).get("/en/constituency/01-01").text
    found = re.findall(r'<th scope="col">(Candidate|Party|Option)</th><th scope="col" class="n">Votes', page)
    # constituency, governor, list, president, charter
    assert found == ["Candidate", "Option", "Party", "Option", "Option"]


def test_stations_that_stand_directly_in_a_constituency_are_listed_under_its_name(ask: Ask) -> None:
    found = {name: data.decode() for name, data in tables().items()}
    below = re.compile(r"^(0\d-0\d)-\d{6}-(\d+),0\d-0\d-\d{6},", re.MULTILINE)
    place = Counter[str]()

    def moved(line: re.Match[str]) -> str:
        place[line[1]] += 1
        return f"{line[1]}-{place[line[1]]:03},{line[1]},"

    found["stations.csv"] = below.sub(moved, found["stations.csv"])
    found["areas.csv"] = re.sub(r"^.*,subdistrict,.*\n", "", found["areas.csv"], flags=re.MULTILINE)
    entries = define({name: data.encode() for name, data in found.items()})
    election = assemble([body for _, body in entries])
    tally = Tally()
    tally.apply_many([(position, kind, body) for position, (kind, body) in enumerate(entries)])
    renderer = Renderer(election)
    page = ask(Evening(renderer.definition, renderer.render(tally.result(), META))).get("/en/constituency/01-01").text
    assert "<summary>Thung Tawan 1 <small>19 stations" in page
