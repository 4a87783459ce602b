import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST, plainDigits, readNumber } from "../src/count/numbers";
import { thaiWords } from "../src/count/numberwords";
import { checked, differences, type Figures } from "../src/count/sums";

const KNOWN: [number, string][] = [
  [0, "ศูนย์"],
  [1, "หนึ่ง"],
  [10, "สิบ"],
  [11, "สิบเอ็ด"],
  [12, "สิบสอง"],
  [20, "ยี่สิบ"],
  [21, "ยี่สิบเอ็ด"],
  [22, "ยี่สิบสอง"],
  [31, "สามสิบเอ็ด"],
  [100, "หนึ่งร้อย"],
  [101, "หนึ่งร้อยเอ็ด"],
  [110, "หนึ่งร้อยสิบ"],
  [111, "หนึ่งร้อยสิบเอ็ด"],
  [121, "หนึ่งร้อยยี่สิบเอ็ด"],
  [212, "สองร้อยสิบสอง"],
  [1_001, "หนึ่งพันเอ็ด"],
  [1_010, "หนึ่งพันสิบ"],
  [2_566, "สองพันห้าร้อยหกสิบหก"],
  [10_000, "หนึ่งหมื่น"],
  [95_137, "เก้าหมื่นห้าพันหนึ่งร้อยสามสิบเจ็ด"],
  [120_020, "หนึ่งแสนสองหมื่นยี่สิบ"],
  [1_000_000, "หนึ่งล้าน"],
  [1_000_001, "หนึ่งล้านเอ็ด"],
  [11_000_000, "สิบเอ็ดล้าน"],
  [21_000_021, "ยี่สิบเอ็ดล้านยี่สิบเอ็ด"],
  [52_238_594, "ห้าสิบสองล้านสองแสนสามหมื่นแปดพันห้าร้อยเก้าสิบสี่"],
];

test("numbers that everybody knows are spelled as everybody spells them", () => {
  for (const [value, words] of KNOWN) assert.equal(thaiWords(value), words);
  for (const value of [-1, 1.5, NaN, Infinity, 2 ** 53]) assert.throws(() => thaiWords(value), RangeError);
});

const DIGITS: Record<string, number> = { หนึ่ง: 1, สอง: 2, สาม: 3, สี่: 4, ห้า: 5, หก: 6, เจ็ด: 7, แปด: 8, เก้า: 9, เอ็ด: 1, ยี่: 2 };
const PLACES: Record<string, number> = { สิบ: 10, ร้อย: 100, พัน: 1_000, หมื่น: 10_000, แสน: 100_000 };
const WORD = new RegExp(`${Object.keys(DIGITS).join("|")}|${Object.keys(PLACES).join("|")}|ล้าน`, "gu");

/** Reads number words from left to right, the other way round than they are made. */
function understood(words: string): number {
  if (words === "ศูนย์") return 0;
  let millions = 0;
  let sum = 0;
  let digit = 0;
  for (const word of words.match(WORD) ?? []) {
    if (word === "ล้าน") {
      millions = (millions + sum + digit) * 1_000_000;
      sum = digit = 0;
    } else if (word in PLACES) {
      sum += (digit || 1) * (PLACES[word] ?? 0);
      digit = 0;
    } else digit = DIGITS[word] ?? 0;
  }
  return millions + sum + digit;
}

test("words understood from left to right give the number back", () => {
  for (let value = 0; value <= 12_000; value++) assert.equal(understood(thaiWords(value)), value);
  for (let value = 12_001; value < 99_999_999; value += 7_919) assert.equal(understood(thaiWords(value)), value);
});

test("no two numbers have the same words, and the words follow the rules of Thai", () => {
  const all = new Set<string>();
  for (let value = 0; value < 12_000; value++) {
    const words = thaiWords(value);
    all.add(words);
    assert.doesNotMatch(words, /หนึ่งสิบ|สองสิบ|ศูนย์./u, String(value));
    assert.equal(/เอ็ด$/u.test(words), value > 1 && value % 10 === 1, `${value} ${words}`);
    assert.equal(/สิบหนึ่ง|.หนึ่ง$/u.test(words), false, `${value} ${words}`);
  }
  assert.equal(all.size, 12_000);
});

test("digits of both scripts are read, and what is no number is said to be none", () => {
  assert.equal(readNumber("๒๑๒"), 212);
  assert.equal(readNumber("1,234"), 1234);
  assert.equal(readNumber("๑,๒๓๔ "), 1234);
  assert.equal(readNumber(" 0 "), 0);
  assert.equal(readNumber("007"), 7);
  assert.equal(readNumber("-"), 0, "forms have a dash for none");
  assert.equal(readNumber(""), null);
  assert.equal(readNumber(String(MOST)), MOST);
  for (const odd of ["1.5", "-5", "1e3", "12a", "1,5", "12,34", "٣", "99999999", "0x1f", "สอง", "--", "½"]) assert.ok(Number.isNaN(readNumber(odd)), odd);
  assert.equal(plainDigits("๐๑๒๓๔๕๖๗๘๙"), "0123456789");
});

const figures = (given: Partial<Figures>): Figures => ({
  votes: { "1": 212, "2": 35 },
  valid: 247,
  spoiled: 6,
  no_vote: 9,
  ballots_cast: 262,
  eligible: 611,
  ...given,
});
const told = (given: Partial<Figures>): string => checked(figures(given)).map(({ name, state, by }) => `${name} ${state} ${by}`).join(", ");

test("a form that adds up is right in all three sums", () => {
  assert.equal(told({}), "votes right 0, ballots right 0, people right 0");
  assert.deepEqual(differences(figures({})), []);
});

test("what is missing or too much is said in ballots", () => {
  assert.equal(told({ votes: { "1": 206, "2": 35 } }), "votes missing 6, ballots right 0, people right 0");
  assert.equal(told({ votes: { "1": 213, "2": 35 } }), "votes over 1, ballots right 0, people right 0");
  assert.equal(told({ ballots_cast: 268 }), "votes right 0, ballots missing 6, people right 0");
  assert.equal(told({ eligible: 260 }), "votes right 0, ballots right 0, people over 2");
});

test("while fields are empty the sum says how much is still to come, and asks nothing", () => {
  assert.equal(told({ votes: { "1": 212, "2": null } }), "votes missing 35, ballots right 0, people right 0");
  assert.deepEqual(differences(figures({ votes: { "1": 212, "2": null } })), []);
  assert.equal(told({ votes: { "1": null, "2": null } }), "votes open 247, ballots right 0, people right 0");
  assert.equal(told({ votes: { "1": 247, "2": null } }), "votes open 0, ballots right 0, people right 0", "unknown is never right");
  assert.equal(told({ valid: null }), "votes open 0, ballots missing 247, people right 0");
  assert.equal(differences(figures({ votes: { "1": 250, "2": null } })).length, 1, "too many is wrong whatever comes");
  assert.equal(told({ ballots_cast: null, eligible: null }), "votes right 0, ballots open 0, people open 0");
});
