import { expect, test } from "bun:test";
import { playerName } from "./player-name.ts";

const nameOf = (displayName: unknown) => playerName({ id: "ann", info: { displayName } });

test("a player is called what it says, in any script", () => {
  for (const name of ["Ann", "アン", "🦊", "?"]) expect(nameOf(name)).toBe(name);
});

test("a name of which nothing is seen is none", () => {
  for (const name of [undefined, 7, "", " \n", "\u200B\u2060", "\u202E\u0301"]) {
    expect(nameOf(name)).toBe("ann");
  }
});

test("a long name is cut short", () => {
  expect(nameOf("x".repeat(4000))).toBe("x".repeat(80));
});
