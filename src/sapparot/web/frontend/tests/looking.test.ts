import assert from "node:assert/strict";
import { test } from "node:test";
import { brightness, greyOf, look, paperIn, SHARP } from "../src/count/looking";
import { FULL_PAGE, HEIGHT, picture, WIDTH, type Scene } from "./pictures";

const faults = (scene: Scene): string => look(picture(scene), "page").faults.join(" ");
const sharpness = (scene: Scene): number => look(picture(scene), "page").sharpness;

test("a page in focus, in decent light, as a whole, has no fault", () => {
  assert.equal(faults({}), "");
  assert.equal(faults({ noise: 10, seed: 5 }), "", "the grain of a cheap camera is no fault");
  assert.equal(faults({ white: 120, table: 30 }), "", "a dim room that still shows everything");
  assert.equal(faults({ table: 165 }), "", "a wooden table");
  assert.equal(faults({ paper: [[0.2, 0.05], [0.9, 0.15], [0.8, 0.95], [0.08, 0.85]] }), "", "held askew");
});

test("small print that is still readable passes, a blur of two pixels does not, whatever the grain and the light", () => {
  for (const seed of [3]) {
    assert.ok(sharpness({ seed, blur: 0.5 }) > SHARP);
    assert.ok(sharpness({ seed, blur: 0.5, noise: 6 }) > SHARP);
    assert.ok(sharpness({ seed, blur: 0.5, white: 120, table: 40, noise: 4 }) > SHARP);
    for (const scene of [{}, { noise: 10 }, { white: 120, table: 40, noise: 6 }]) assert.match(faults({ ...scene, seed, blur: 1 }), /blurred/);
  }
  for (const blur of [2, 4]) assert.match(faults({ blur, noise: 12 }), /blurred/);
});

test("darkness and the glare of a lamp are told apart", () => {
  assert.equal(faults({ white: 85, table: 20, noise: 5 }), "dark");
  assert.equal(faults({ lamp: 0.25 }), "glare");
  assert.equal(faults({ lamp: 0.08 }), "", "a small gleam hides nothing");
});

test("the edges of the page are found where they are", () => {
  const seen = look(picture({}), "page");
  assert.equal(seen.corners?.length, 4);
  seen.corners?.forEach(({ x, y }, index) => {
    const [u, v] = FULL_PAGE[index] ?? [0, 0];
    assert.ok(Math.abs(x - u * WIDTH) < 10 && Math.abs(y - v * HEIGHT) < 10, `${index}: ${x}, ${y}`);
  });
  assert.ok(Math.abs(seen.share - 0.76) < 0.03);
});

test("a page that is cut off, far away or not there is said to be so", () => {
  assert.equal(faults({ paper: [[0.1, 0.1], [1.2, 0.1], [1.2, 0.9], [0.1, 0.9]] }), "cut_off");
  assert.equal(faults({ paper: [[-0.1, -0.1], [1.1, -0.1], [1.1, 1.1], [-0.1, 1.1]] }), "cut_off");
  assert.equal(faults({ paper: [[0.3, 0.3], [0.65, 0.3], [0.65, 0.6], [0.3, 0.6]] }), "far");
  assert.match(faults({ paper: [], noise: 8 }), /no_edges/);
  assert.match(faults({ table: 205 }), /cut_off|no_edges/, "white paper on a white table");
});

test("a board need not show edges", () => {
  assert.deepEqual(look(picture({ paper: [[-0.1, -0.1], [1.1, -0.1], [1.1, 1.1], [-0.1, 1.1]] }), "board").faults, []);
  assert.deepEqual(look(picture({ blur: 3 }), "board").faults, ["blurred"]);
});

test("pictures of odd sizes are looked at and not tripped over", () => {
  for (const [width, height] of [[1, 1], [3, 2], [1, 900], [17, 9]] as const) {
    const grey = greyOf(new Uint8ClampedArray(4 * width * height).fill(128), width, height);
    assert.ok(look(grey, "page").faults.length > 0);
    assert.equal(paperIn(grey), null);
  }
});

test("grey weighs the colours as eyes do", () => {
  const grey = greyOf(Uint8ClampedArray.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255), 4, 1);
  assert.deepEqual(Array.from(grey.at), [76, 149, 28, 255]);
  assert.equal(brightness(grey, 0.5), 76);
});
