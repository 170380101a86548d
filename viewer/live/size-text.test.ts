import { expect, test } from "bun:test";
import { sizeText } from "./size-text.ts";

test("[17] a body of an impossible size is told, with the unit that its sender probably has", () => {
  expect(sizeText("Ann", 160, 19)).toBe(
    "Ann is 160 m tall: positions are in metres, and these look like centimetres. Multiply them by 0.01.",
  );
  expect(sizeText("Ann", 1650, 19)).toContain(
    "1,650 m tall: positions are in metres, and these look like millimetres",
  );
  expect(sizeText("Ann", 65, 19)).toContain("look like inches");
  expect(sizeText("Ann", 20, 19)).toBe("Ann is 20 m tall: positions are in metres.");
  expect(sizeText("Ann", 0.016, 19)).toContain("1.6 cm tall");
  expect(sizeText("Ann", 0, 19)).toContain("0 cm tall: its scale");
});

test("[17] people, games' giants and hands are as they are", () => {
  for (const heightM of [0.4, 1.7, 4.5]) expect(sizeText("Ann", heightM, 19)).toBeNull();
  expect(sizeText("Ann", 0.04, 2)).toBeNull();
  expect(sizeText("Ann", null, 19)).toBeNull();
  expect(sizeText("Ann", Number.NaN, 19)).toBeNull();
});
