import { expect, test } from "bun:test";
import type { Room } from "./hub/room.ts";
import { Ticker } from "./ticker.ts";

/** What a ticker needs of a room; resolves at the first tick. */
function fakeRoom(name: string, ticked: string[]) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const room = {
    tick() {
      ticked.push(name);
      resolve();
    },
  } as unknown as Room;
  return { room, first: promise };
}

test("what is due at once waits for the event loop to turn, and what is due later comes too", async () => {
  const ticked: string[] = [];
  const [later, now] = [fakeRoom("later", ticked), fakeRoom("now", ticked)];
  const ticker = new Ticker(() => performance.now());
  ticker.schedule(later.room, 1);
  ticker.schedule(now.room, 0);
  expect(ticked).toEqual([]);
  await Promise.all([later.first, now.first]);
  expect(ticked.toSorted()).toEqual(["later", "now"]);
});

test("a room is ticked once each time that it asks", async () => {
  const ticked: string[] = [];
  const { room, first } = fakeRoom("room", ticked);
  const witness = fakeRoom("witness", ticked);
  const ticker = new Ticker(() => performance.now());
  ticker.schedule(room, 1);
  await first;
  ticker.schedule(witness.room, 3);
  await witness.first;
  expect(ticked).toEqual(["room", "witness"]);
});

test("after stop nothing that waits is ticked", async () => {
  const ticked: string[] = [];
  const stopped = new Ticker(() => performance.now());
  stopped.schedule(fakeRoom("stopped", ticked).room, 1);
  stopped.stop();
  const witness = fakeRoom("witness", ticked);
  new Ticker(() => performance.now()).schedule(witness.room, 5);
  await witness.first;
  expect(ticked).toEqual(["witness"]);
});
