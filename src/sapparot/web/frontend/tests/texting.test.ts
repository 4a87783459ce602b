// A report as a text message. The server's own reading of these messages is tested with tests/texting.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReportDraft } from "../src/app/facts";
import { lineLink, marks, messageOf, parts, smsLink } from "../src/app/texting";

const FINAL: ReportDraft = {
  sheet: "10-01-100101-003/constituency",
  stage: "final",
  votes: { "10": 0, "2": 35, "1": 212 },
  valid: 247,
  spoiled: 6,
  no_vote: 9,
  ballots_cast: 262,
};

test("the message of the format's page", () => {
  const message = messageOf(FINAL) ?? "";
  assert.match(message, /^10-01-100101-003 C F 1=212 2=35 V=247 X=6 N=9 B=262 #[0-9A-Z*]{2}$/);
  assert.equal(parts(message), 1);
});

test("options without a vote are left out only where the others make up the valid ballots", () => {
  assert.match(messageOf({ ...FINAL, valid: 248 }) ?? "", / 1=212 2=35 10=0 V=248 /);
  const { valid: _, ...open } = FINAL;
  assert.match(messageOf(open) ?? "", / 10=0 X=6 /);
  assert.match(messageOf({ ...FINAL, votes: { "1": 0, "2": 0 }, valid: 0 }) ?? "", / 1=0 2=0 V=0 /);
});

test("what texts have no words for is not made into one", () => {
  assert.equal(messageOf({ ...FINAL, stage: "official" }), null);
  assert.equal(messageOf({ ...FINAL, sheet: "10-01-100101-003/referendum" }), null);
  assert.equal(messageOf({ sheet: FINAL.sheet, stage: "progress", votes: {} }), null);
});

test("one wrong sign, two that changed places, one too few or too many: the check characters are others", () => {
  const tokens = ["3", "C", "F", "1", "212", "2", "35", "V", "247"];
  const right = marks(tokens);
  for (let at = 0; at < tokens.length; at++) {
    for (const wrong of ["0", "99", "P", "X"]) {
      if (wrong !== tokens[at]) assert.notEqual(marks(tokens.map((token, place) => (place === at ? wrong : token))), right, `${at} ${wrong}`);
    }
  }
  assert.notEqual(marks(["3", "C", "F", "1", "221", "2", "35", "V", "247"]), right);
  assert.notEqual(marks(["3", "C", "F", "12", "12", "2", "35", "V", "247"]), right);
});

test("links carry the whole message, whatever signs it has", () => {
  const message = messageOf(FINAL) ?? "";
  assert.equal(decodeURIComponent(smsLink("+66800000000", message).replace("sms:+66800000000?body=", "")), message);
  assert.equal(lineLink("@count", "รหัส AB #1"), "https://line.me/R/oaMessage/%40count/?%E0%B8%A3%E0%B8%AB%E0%B8%B1%E0%B8%AA%20AB%20%231");
});
