// The rules of crowds, run against every transport: a room that grows beyond its bound and shrinks again.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { STREAM_FORMATS } from "../../src/codec/format.ts";
import type { StreamFormat } from "../../src/codec/index.ts";
import { encodeFrame } from "../frame-messages.ts";
import { smallFrame } from "../frames.ts";
import type { Received } from "../received.ts";
import { RoomView } from "../room-view.ts";
import type { StreamClient } from "../stream-client.ts";
import type { StreamTransport, TransportKind } from "./transport.ts";

// Far more than a slow machine needs: no result depends on it.
const TIMEOUT_MS = 60_000;
const CROWD_ABOVE = 10;

export function describeCrowd(kind: TransportKind): void {
  describe(`a crowd, ${kind.name}`, () => {
    let transport: StreamTransport;
    let room = "";
    let rooms = 0;
    const clients: StreamClient[] = [];

    beforeAll(async () => {
      transport = await kind.start({ crowdAbove: CROWD_ABOVE });
    });
    afterAll(() => transport.stop());

    const inRoom = (name: string, run: () => Promise<void>) =>
      test(
        name,
        async () => {
          room = `crowd-${++rooms}`;
          try {
            await run();
          } finally {
            for (const client of clients.splice(0)) client.kill();
          }
        },
        TIMEOUT_MS,
      );

    async function join(player: string | undefined, format: StreamFormat): Promise<Watcher> {
      const client = await transport.connect({ room, format });
      clients.push(client);
      client.join(player === undefined ? {} : { player });
      return new Watcher(client);
    }

    const xOf = (player: number, round: number) => 100 * round + player;

    /** A frame of each of these players, whose x tells player and round. */
    async function postAll(players: number, round: number): Promise<void> {
      for (let player = 0; player < players; player++) {
        const bytes = encodeFrame(smallFrame(xOf(player, round)), "json");
        expect(await transport.post(room, `p${player}`, bytes)).toBe(200);
      }
    }

    const shows = (players: number, round: number) => (watcher: Watcher) =>
      Array.from({ length: players }, (_, player) => watcher.xOf(`p${player}`)).every(
        (x, player) => x === xOf(player, round),
      );

    for (const format of STREAM_FORMATS) {
      inRoom(
        `[S51] [S51a] [S52] ${format}: it begins and ends, and the newest frames are shown`,
        async () => {
          await postAll(CROWD_ABOVE, 1);
          const watcher = await join(undefined, format);
          await watcher.until(shows(CROWD_ABOVE, 1));
          expect(watcher.places.size).toBe(0);

          await postAll(CROWD_ABOVE + 2, 2);
          await watcher.until(shows(CROWD_ABOVE + 2, 2));
          await watcher.until(({ places }) => places.size === CROWD_ABOVE + 2);
          const newcomer = await join(undefined, format);
          for (const each of [watcher, newcomer]) await each.until(shows(CROWD_ABOVE + 2, 2));
          await postAll(CROWD_ABOVE + 2, 3);
          for (const each of [watcher, newcomer]) await each.until(shows(CROWD_ABOVE + 2, 3));

          const rest = 0.8 * CROWD_ABOVE - 1;
          for (let player = rest; player < CROWD_ABOVE + 2; player++) {
            expect(await transport.remove(room, `p${player}`)).toBe(200);
          }
          await postAll(rest, 4);
          for (const each of [watcher, newcomer]) await each.until(shows(rest, 4));
          expect(watcher.isInSight(`p${rest}`)).toBe(false);
        },
      );
    }

    inRoom("[S52] [S52a] [S58] nobody is sent its own player, until the crowd ends", async () => {
      const ann = await join("ann", "stream");
      await ann.until(({ isWelcome }) => isWelcome);
      ann.client.publish(7);
      await ann.until(({ xOf: x }) => x("ann") === 7);
      await postAll(CROWD_ABOVE, 1);
      await ann.until((watcher) => !watcher.isInSight("ann") && shows(CROWD_ABOVE, 1)(watcher));
      ann.client.publish(8);
      ann.client.say({ type: "keyframe" });
      await ann.until((watcher) => watcher.fullStates === 2 && shows(CROWD_ABOVE, 1)(watcher));
      expect(ann.isInSight("ann")).toBe(false);
      for (let player = 3; player < CROWD_ABOVE; player++) {
        expect(await transport.remove(room, `p${player}`)).toBe(200);
      }
      await ann.until(({ xOf: x }) => x("ann") === 8);
    });

    inRoom(
      "[S55] [S55d] a view that is none is refused by its path, and the connection stays",
      async () => {
        const watcher = await join(undefined, "stream");
        const views: readonly [object, string, string][] = [
          [{ points: "p1" }, "wrong_type", "$.points: expected an array"],
          [{ points: [1, 2, 3] }, "wrong_type", "$.points[0]: expected a player id"],
          [{ points: [[1, 2]] }, "wrong_type", "$.points[0]: expected three finite numbers"],
          [{ points: ["a", "b", "c", "d", "e"] }, "too_large", "$.points: expected at most 4"],
          [{ pinned: [""] }, "wrong_type", "$.pinned[0]: expected a player id"],
          [{ pinned: Array(17).fill("a") }, "too_large", "$.pinned: expected at most 16"],
          [{ bytesPerSecond: "1" }, "wrong_type", "$.bytesPerSecond: expected a number from 20000"],
          [{ bytesPerSecond: 19_999 }, "out_of_range", "$.bytesPerSecond: expected a number"],
        ];
        for (const [view, code, message] of views) {
          watcher.client.say({ type: "view", ...view });
          await watcher.until(({ errors }) => errors.length === 1);
          expect(watcher.errors.pop()).toMatchObject({
            code,
            message: expect.stringContaining(message),
          });
        }
        watcher.client.say({ type: "view", points: [[1, 2, 3], "nobody"], pinned: ["nobody"] });
        await watcher.until(({ isWelcome }) => isWelcome);
        expect(watcher.errors).toEqual([]);
      },
    );

    inRoom("[S10] views count among the limited messages", async () => {
      const watcher = await join(undefined, "json");
      for (let count = 0; count < 40; count++) watcher.client.say({ type: "view" });
      await watcher.until(({ errors }) => errors.length > 0);
      expect(watcher.errors[0]).toMatchObject({ code: "rate_limited" });
    });
  });
}

/** A client that reads all that it is sent, checks it by the rules, and acknowledges it. */
class Watcher {
  readonly client: StreamClient;
  readonly view: RoomView;
  /** Indices of players whose place has come. */
  readonly places = new Set<number>();
  readonly errors: Extract<Received, { type: "error" }>[] = [];
  fullStates = 0;
  isWelcome = false;

  constructor(client: StreamClient) {
    this.client = client;
    this.view = new RoomView(client.format, { mayBeCrowd: true });
  }

  readonly xOf = (id: string): number | undefined => {
    const player = [...this.view.players.values()].find((each) => each.id === id);
    return player?.isInSight === true ? player.x : undefined;
  };

  isInSight(id: string): boolean {
    return this.xOf(id) !== undefined;
  }

  /** Reads until it is so. */
  async until(isSo: (watcher: Watcher) => boolean): Promise<void> {
    do {
      for (const message of await this.client.drain()) this.#read(message);
    } while (!isSo(this));
  }

  #read(message: Received): void {
    this.view.apply(message);
    if (message.type === "welcome") this.isWelcome = true;
    if (message.type === "error") this.errors.push(message);
    if (message.type === "places") for (const { index } of message.places) this.places.add(index);
    if (message.type !== "batch") return;
    if (message.isFullState) this.fullStates++;
    this.client.acknowledge(message.sequence);
  }
}
