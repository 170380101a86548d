import { expect, test } from "bun:test";
import { age, byteSize, countText, durationText, quantityText, rate } from "./quantity.ts";

test("bytes have three digits that count, in decimal units", () => {
  const texts = [0, 999, 1000, 12_024, 390_490, 999_499, 999_500, 1_048_576, 5e12].map((bytes) =>
    quantityText(byteSize(bytes)),
  );
  expect(texts).toEqual([
    "0 B",
    "999 B",
    "1.00 KB",
    "12.0 KB",
    "390 KB",
    "999 KB",
    "1.00 MB",
    "1.05 MB",
    "5,000 GB",
  ]);
  expect(quantityText(byteSize(838_676, "/s"))).toBe("839 KB/s");
});

test("rates have one decimal until they have four digits", () => {
  const texts = [0, 29.94, 999.94, 999.95].map((perSecond) => quantityText(rate(perSecond)));
  expect(texts).toEqual(["0.0 /s", "29.9 /s", "999.9 /s", "1,000 /s"]);
});

test("ages have hundredths for as long as these tell anything", () => {
  const ages = [0, 0.031, 9.994, 9.995, 59.9, 60, 3599, 3600, 86_399, 86_400, 1e9];
  const texts = ages.map((seconds) => quantityText(age(seconds)));
  const expected = ["0.00 s", "0.03 s", "9.99 s", "9 s", "59 s", "1 min", "59 min"];
  expect(texts).toEqual([...expected, "1 h", "23 h", "1 d", "11,574 d"]);
});

test("time spans have their two largest units", () => {
  const texts = [0, 59, 65, 8_040, 90_000].map(durationText);
  expect(texts).toEqual(["0 s", "59 s", "1 min 5 s", "2 h 14 min", "1 d 1 h"]);
});

test("counts have their thousands apart", () => {
  expect(countText(1024)).toBe("1,024");
});
