import { expect, test } from "bun:test";
import { slotAddress } from "./slot-address.ts";

const LAN = [
  { name: "Local", url: "http://127.0.0.1:8080" },
  { name: "Network", url: "http://192.168.1.20:8080" },
  { name: "Network", url: "http://[fd00::2]:8080" },
  { name: "External", url: "http://[::]:8080" },
] as const;

test("a page on the server's machine tells the network's address that the server names first", () => {
  for (const host of ["localhost", "127.0.0.1", "[::1]", "avatars.localhost"]) {
    const page = new URL(`http://${host}:8080/`);
    expect(slotAddress({ room: "default", id: "player1" }, { page, addresses: LAN })).toEqual({
      here: `http://${host}:8080/player1`,
      elsewhere: "http://192.168.1.20:8080/player1",
    });
  }
});

test("a page from another machine tells the address under which it came", () => {
  const page = new URL("https://avatars.example.com/");
  const url = "https://avatars.example.com/rooms/default/players/alice";
  const expected = { here: url, elsewhere: url };
  expect(slotAddress({ room: "default", id: "alice" }, { page, addresses: LAN })).toEqual(expected);
});

test("a server of its own machine only has no address for others", () => {
  const page = new URL("http://127.0.0.1:8080/");
  expect(
    slotAddress({ room: "default", id: "player2" }, { page, addresses: LAN.slice(0, 1) }).elsewhere,
  ).toBeNull();
});
