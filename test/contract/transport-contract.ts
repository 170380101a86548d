// The rules of docs/protocol.md's streaming, run against every transport. Rules about time are tested with the
// transports whose clock a test can move; the hub's unit tests have the rest.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { STREAM_FORMATS } from "../../src/codec/format.ts";
import type { StreamFormat } from "../../src/codec/index.ts";
import { CloseCode } from "../../src/protocol/index.ts";
import { smallFrame } from "../frames.ts";
import { Random } from "../random.ts";
import { RoomView } from "../room-view.ts";
import { encodeFrame, frameMessage, jsonOnlyFrame } from "../frame-messages.ts";
import { rootPositionOf } from "../received.ts";
import type { Received, ReceivedBatch, ReceivedEntry, ReceivedType } from "../received.ts";
import type { StreamClient } from "../stream-client.ts";
import { fuzz } from "./fuzz.ts";
import {
  FIRST_MESSAGES,
  GARBAGE_STREAM,
  GARBLED_LAYER_2,
  MALFORMED,
  MALFORMED_STREAMS,
} from "./malformed.ts";
import type { StreamTransport, TransportKind } from "./transport.ts";

// Far more than a slow machine needs: no result depends on it.
const TIMEOUT_MS = 180_000;

export function describeTransport(kind: TransportKind): void {
  describe(kind.name, () => {
    let transport: StreamTransport;
    let room = "";
    let rooms = 0;

    beforeAll(async () => {
      transport = await kind.start();
    });
    afterAll(() => transport.stop());

    const clients: StreamClient[] = [];

    /** Each test has a room of its own, and leaves no connection behind. */
    const inRoom = (name: string, run: () => Promise<void>) =>
      test(
        name,
        async () => {
          room = `room-${++rooms}`;
          try {
            await run();
          } finally {
            for (const client of clients.splice(0)) client.kill();
          }
        },
        TIMEOUT_MS,
      );

    async function connect(format: StreamFormat = "json"): Promise<StreamClient> {
      const client = await transport.connect({ room, format });
      clients.push(client);
      return client;
    }

    /** Joined, with welcome and full state taken. */
    async function join(player?: string, format: StreamFormat = "json"): Promise<StreamClient> {
      const client = await connect(format);
      client.join(player === undefined ? {} : { player });
      const full = await client.next("batch");
      client.acknowledge(full.sequence);
      return client;
    }

    const post = (player: string, x: number) =>
      transport.post(room, player, encodeFrame(smallFrame(x), "json"));

    /** The next batch with a frame of this x; what comes before it is dropped. */
    async function batchWith(client: StreamClient, x: number): Promise<ReceivedBatch> {
      for (;;) {
        const batch = await client.next("batch");
        client.acknowledge(batch.sequence);
        if (batch.entries.some((entry) => entry.x === x)) return batch;
      }
    }

    /** What the client was sent until now, except messages of these types. */
    async function drained(client: StreamClient, ...but: ReceivedType[]): Promise<Received[]> {
      return (await client.drain()).filter(({ type }) => !but.includes(type));
    }

    describe("joining", () => {
      inRoom("[S15] a newcomer gets welcome, then full state, then what comes", async () => {
        const ann = await join("ann");
        ann.publish(1);
        await batchWith(ann, 1);
        const bob = await connect("binary");
        bob.join({ player: "bob", info: { displayName: "Bob" } });
        const welcome = await bob.next("welcome");
        expect(welcome).toMatchObject({
          room,
          player: { index: 1, id: "bob", info: { displayName: "Bob" } },
          resumed: false,
          rateHz: 0,
        });
        expect(welcome.players.map(({ id }) => id)).toEqual(["ann", "bob"]);
        expect(welcome.resumeKey).toBeString();
        // Microseconds since 1970, [S13].
        expect(welcome.serverTimeUs).toBeGreaterThan(1.6e15);
        const full = await bob.next("batch");
        expect(full).toMatchObject({ isFullState: true, entries: [{ index: 0, x: 1 }] });
        ann.publish(2);
        const next = await bob.next("batch");
        expect(next).toMatchObject({
          isFullState: false,
          sequence: full.sequence + 1,
          entries: [{ index: 0, x: 2 }],
        });
        expect(next.serverTimeUs).toBeGreaterThanOrEqual(welcome.serverTimeUs);
      });

      inRoom(
        "[S15] a newcomer to a room of 50 has every player's frame before any other",
        async () => {
          const players = await Promise.all(
            Array.from({ length: 50 }, (_, index) =>
              join(`p${index}`, STREAM_FORMATS[index % STREAM_FORMATS.length]),
            ),
          );
          const watcher = await join();
          players.forEach((player, index) => player.publish(index));
          const newest = players.map((_, index) => index);
          while (newest.length > 0) {
            const { entries } = await watcher.next("batch");
            watcher.acknowledge(watcher.newestSequence);
            for (const { x } of entries)
              if (newest.includes(x)) newest.splice(newest.indexOf(x), 1);
          }
          for (const format of STREAM_FORMATS) {
            const seen = new RoomView(format);
            const late = await connect(format);
            late.join();
            for (const message of await late.drain()) seen.apply(message);
            expect(seen.players.size).toBe(50);
            for (const { id, x } of seen.players.values()) expect(`p${x}`).toBe(id);
          }
        },
      );

      inRoom("[S15] a spectator sees everybody, and nobody sees it", async () => {
        const ann = await join("ann");
        const watcher = await connect();
        watcher.join();
        expect(await watcher.next("welcome")).toMatchObject({ player: null, resumeKey: null });
        ann.publish(1);
        await batchWith(watcher, 1);
        watcher.say({ type: "leave" });
        await watcher.end();
        expect(await drained(ann, "batch")).toEqual([]);
      });

      for (const { name, message, code, reason } of FIRST_MESSAGES) {
        inRoom(`[S5] ${name} as the first message is answered ${code}`, async () => {
          const client = await connect();
          client.send(message);
          const closed = await client.end();
          expect(closed.code).toBe(code);
          expect(closed.reason).toContain(reason);
          expect((await transport.census(room)).members).toBe(0);
        });
      }

      if (kind.hasClock) {
        inRoom("[S5] a connection that does not join within 10 s is closed", async () => {
          const client = await connect();
          transport.advance?.(8999);
          expect(client.closedWith).toBeUndefined();
          transport.advance?.(2001);
          expect(client.closedWith).toMatchObject({ code: CloseCode.JoinRequired });
        });
      }
    });

    describe("presence and ownership", () => {
      inRoom("[S6] [S32] everybody is told who comes and goes, and the index rests", async () => {
        const watcher = await join();
        const ann = await join("ann");
        expect((await watcher.next("joined")).player).toEqual({ index: 0, id: "ann", info: {} });
        ann.say({ type: "leave" });
        expect(await watcher.next("left")).toEqual({ type: "left", index: 0, id: "ann" });
        expect((await ann.end()).code).toBe(CloseCode.Left);
        await join("bob");
        expect((await watcher.next("joined")).player).toMatchObject({ index: 1, id: "bob" });
      });

      inRoom("[S7] a player that a client owns is refused to others", async () => {
        const ann = await join("ann");
        const thief = await connect();
        thief.join({ player: "ann", resumeKey: "guess" });
        expect((await thief.end()).code).toBe(CloseCode.PlayerTaken);
        expect(await post("ann", 1)).toBe(409);
        expect(await ann.drain()).toEqual([]);
      });

      inRoom(
        "[S7] the resume key moves the session here, and the older connection is closed",
        async () => {
          const watcher = await join();
          const older = await connect();
          older.join({ player: "ann" });
          const { resumeKey, player } = await older.next("welcome");
          await watcher.next("joined");
          const newer = await connect("binary");
          newer.join({ player: "ann", resumeKey: resumeKey! });
          expect(await newer.next("welcome")).toMatchObject({ resumed: true, resumeKey, player });
          expect((await older.end()).code).toBe(CloseCode.Replaced);
          newer.publish(2);
          await batchWith(watcher, 2);
          expect(await drained(watcher, "batch")).toEqual([]);
        },
      );

      inRoom("[S8] a client that was cut off comes back as if nothing had been", async () => {
        const watcher = await join();
        const ann = await connect();
        ann.join({ player: "ann" });
        const { resumeKey, player } = await ann.next("welcome");
        ann.publish(1);
        await batchWith(watcher, 1);
        ann.kill();
        const again = await connect();
        again.join({ player: "ann", resumeKey: resumeKey! });
        expect(await again.next("welcome")).toMatchObject({ resumed: true, player });
        expect(await again.next("batch")).toMatchObject({ isFullState: true, entries: [{ x: 1 }] });
        again.publish(2);
        await batchWith(watcher, 2);
        expect(await drained(watcher, "batch")).toEqual([]);
      });

      if (kind.hasClock) {
        inRoom("[S8] a client that does not come back leaves after 10 s", async () => {
          const ann = await join("ann");
          ann.kill();
          transport.advance?.(8000);
          const watcher = await join();
          transport.advance?.(3000);
          expect(await drained(watcher)).toEqual([{ type: "left", index: 0, id: "ann" }]);
        });

        inRoom("[S9] a connection that says nothing for 10 s is closed", async () => {
          const quiet = await join("quiet");
          transport.advance?.(11_001);
          expect(quiet.closedWith?.code).toBe(CloseCode.Silent);
        });
      }
    });

    describe("frames", () => {
      for (const from of STREAM_FORMATS) {
        for (const to of STREAM_FORMATS) {
          inRoom(`[S11] a ${from} frame reaches a receiver of ${to}`, async () => {
            const ann = await join("ann", from);
            const watcher = await join(undefined, to);
            // Half a minute ago, as the low 32 bits of the server's clock have it.
            ann.say({ type: "ping", id: 0 });
            const { serverTimeUs } = await ann.next("pong");
            const capturedUs = serverTimeUs - 30e6;
            ann.publish(0.5, Math.floor(capturedUs) % 2 ** 32);
            const { entries } = await watcher.next("batch");
            expect(entries).toMatchObject([{ index: 0, x: 0.5 }]);
            expect(Math.abs(entries[0].captureTimeUs - capturedUs)).toBeLessThanOrEqual(51);
          });
        }
      }

      inRoom("[S14] however fast frames come, revisions grow and the newest arrives", async () => {
        const ann = await join("ann", "binary");
        const watcher = await connect();
        const view = new RoomView(watcher.format);
        watcher.join();
        for (let x = 1; x <= 300; x++) ann.publish(x);
        while (view.players.get(0)?.x !== 300) {
          const message = watcher.inbox.shift();
          if (message === undefined) {
            for (const each of await watcher.drain()) view.apply(each);
            watcher.acknowledge(watcher.newestSequence);
          } else view.apply(message);
        }
      });

      inRoom("[S18] [S18a] the fifth player's coming and going changes the rate", async () => {
        const players = await Promise.all(["a", "b", "c", "d"].map((id) => join(id)));
        expect(await drained(players[0], "joined")).toEqual([]);
        const fifth = await connect();
        fifth.join({ player: "e" });
        expect((await fifth.next("welcome")).rateHz).toBe(30);
        expect(await players[0].next("rate")).toEqual({ type: "rate", rateHz: 30 });
        fifth.say({ type: "leave" });
        expect(await players[0].next("rate")).toEqual({ type: "rate", rateHz: 0 });
      });

      for (const format of ["binary", "stream"] as const) {
        inRoom(
          `[S20] [S20a] what ${format} cannot hold is told once, until a frame fits again`,
          async () => {
            const ann = await join("ann");
            const watcher = await join(undefined, format);
            const told = { type: "unavailable", index: 0, path: "$.comment" } as const;
            ann.send(frameMessage(jsonOnlyFrame(1)));
            await batchWith(ann, 1);
            ann.send(frameMessage(jsonOnlyFrame(2)));
            await batchWith(ann, 2);
            expect(await watcher.drain()).toEqual([told]);
            const late = await connect(format);
            late.join();
            expect(await late.next("unavailable")).toEqual(told);
            ann.publish(3);
            await batchWith(late, 3);
            await batchWith(watcher, 3);
          },
        );
      }

      inRoom("[10] [S7] DELETE of a player whose client is connected changes nothing", async () => {
        const ann = await join("ann", "binary");
        ann.publish(1);
        await batchWith(ann, 1);
        expect(await transport.remove(room, "ann")).toBe(409);
        ann.publish(2);
        await batchWith(ann, 2);
      });

      inRoom("[S21] POST, stream, GET and DELETE are of the same player", async () => {
        const ann = await join("ann", "binary");
        expect(await post("bob", 1)).toBe(200);
        await batchWith(ann, 1);
        ann.publish(2);
        await batchWith(ann, 2);
        expect(rootPositionOf(await transport.get(room, "ann"), "json").x).toBe(2);
        const watcher = await join();
        expect(await transport.remove(room, "bob")).toBe(200);
        expect(await watcher.next("left")).toMatchObject({ id: "bob" });
        expect(await transport.remove(room, "bob")).toBe(404);
      });
    });

    describe("the stream format", () => {
      /** All that has come, seen by a receiver that may or may not have all layers. */
      async function look(client: StreamClient, view: RoomView): Promise<ReceivedEntry[]> {
        const messages = await client.drain();
        for (const message of messages) view.apply(message);
        client.acknowledge(client.newestSequence);
        return messages.flatMap((message) => (message.type === "batch" ? message.entries : []));
      }

      inRoom("[S24] every frame arrives, in order", async () => {
        const ann = await join("ann", "stream");
        const watcher = await connect("stream");
        const view = new RoomView("stream");
        watcher.join();
        const xs: number[] = [];
        for (let x = 1; x <= 100; x++) {
          ann.publish(x);
          // In twos and threes: a newer frame supersedes none of them, because only a keyframe does that.
          if (x % 5 === 0 || x % 5 === 2) await batchWith(ann, x);
          xs.push(...(await look(watcher, view)).map((entry) => entry.x));
        }
        expect(xs).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
      });

      for (const [layers, share] of [
        [1, 4],
        [2, 2],
      ] as const) {
        inRoom(
          `[S24b] [S25a] a receiver of ${layers} layers gets one frame of ${share}`,
          async () => {
            const ann = await join("ann", "stream");
            const all = await join(undefined, "stream");
            const watcher = await connect("stream");
            watcher.join({ layers });
            const view = new RoomView("stream");
            await look(watcher, view);
            const xs: number[] = [];
            for (let x = 1; x <= 41; x++) {
              ann.publish(x);
              await batchWith(all, x);
              xs.push(...(await look(watcher, view)).map((entry) => entry.x));
            }
            const expected = Array.from({ length: 41 }, (_, at) => at + 1);
            expect(xs).toEqual(expected.filter((x) => (x - 1) % share === 0));
          },
        );
      }

      inRoom("[S24b] layers that are asked for later come from then on", async () => {
        const ann = await join("ann", "stream");
        const watcher = await connect("stream");
        watcher.join({ layers: 1 });
        const view = new RoomView("stream");
        const xs: number[] = [];
        let x = 0;
        const show = async (count: number) => {
          for (const end = x + count; x < end;) {
            ann.publish(++x);
            await batchWith(ann, x);
          }
          xs.push(...(await look(watcher, view)).map((entry) => entry.x));
        };
        await show(8);
        watcher.say({ type: "layers", layers: 3 });
        await watcher.drain();
        await show(8);
        watcher.say({ type: "layers", layers: 2 });
        await watcher.drain();
        await show(8);
        expect(xs).toEqual([1, 5, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 21, 23]);
      });

      inRoom("[S38] a receiver is not sent a skeleton that it holds", async () => {
        const ann = await join("ann", "stream");
        ann.publish(1);
        await batchWith(ann, 1);
        const first = await connect("stream");
        first.join();
        const full = await first.next("batch");
        expect(full.skeletons).toMatchObject([{ index: 0, isHeld: false }]);
        expect(full.skeletons[0].byteLength).toBeGreaterThan(100);
        // Held by what it was sent, by what it says on the next connection, and by a list with keyframe.
        first.say({ type: "keyframe" });
        expect((await first.next("batch")).skeletons).toMatchObject([{ byteLength: 0 }]);
        const second = await connect("stream");
        second.holdWhatIsHeldBy(first);
        second.join({ skeletons: first.heldSkeletons });
        const known = await second.next("batch");
        expect(known.skeletons).toMatchObject([{ index: 0, byteLength: 0, isHeld: true }]);
        expect(known.entries).toMatchObject([{ x: 1, isLost: false }]);
        second.say({ type: "keyframe", skeletons: [] });
        expect((await second.next("batch")).skeletons[0].byteLength).toBeGreaterThan(100);
        for (const client of [first, second]) client.acknowledge(full.sequence);
        ann.publish(2);
        await batchWith(second, 2);
        // What was said falsely is missing to who said it.
        const liar = await connect("stream");
        liar.join({ skeletons: first.heldSkeletons });
        const nothing = await liar.next("batch");
        expect(nothing.skeletons).toMatchObject([{ byteLength: 0, isHeld: false }]);
        expect(nothing.entries[0].isLost).toBe(true);
        liar.say({ type: "keyframe", skeletons: [] });
        expect((await liar.next("batch")).entries.at(-1)).toMatchObject({ x: 2, isLost: false });
      });

      inRoom(
        "[S26] a receiver that asks for full state gets it, and continues from there",
        async () => {
          const ann = await join("ann", "stream");
          for (let x = 1; x <= 6; x++) ann.publish(x);
          await batchWith(ann, 6);
          const watcher = await join(undefined, "stream");
          watcher.say({ type: "keyframe" });
          const full = await watcher.next("batch");
          expect(full).toMatchObject({ isFullState: true });
          // The receiver has them all: the keyframe of frame 5, and frame 6.
          expect(full.entries).toMatchObject([{ isOld: true }, { isOld: true }]);
          watcher.acknowledge(full.sequence);
          ann.publish(7);
          await batchWith(watcher, 7);
        },
      );

      inRoom(
        "[S23] [S23a] [S24a] a stream begins again with another skeleton, and on another connection",
        async () => {
          const watcher = await connect("stream");
          watcher.join();
          const view = new RoomView("stream");
          const ann = await connect("stream");
          ann.join({ player: "ann" });
          const { resumeKey } = await ann.next("welcome");
          const frame = smallFrame(1);
          for (const [at, bones] of [frame.bones, frame.bones.slice(1), []].entries()) {
            frame.rootTransform.worldPosition.x = at;
            ann.publishFrame({ ...frame, bones });
            await batchWith(ann, at);
          }
          ann.kill();
          const again = await connect("stream");
          again.join({ player: "ann", resumeKey: resumeKey! });
          again.publish(2);
          again.publish(3);
          const xs: number[] = [];
          while (xs.at(-1) !== 3) xs.push(...(await look(watcher, view)).map(({ x }) => x));
          expect(xs).toEqual([0, 1, 2, 2, 3]);
        },
      );

      for (const { name, before, message, code, reason } of MALFORMED_STREAMS) {
        inRoom(`[S23] [S23c] [S23d] ${name}: ${code}, and nobody else is disturbed`, async () => {
          const ann = await join("ann", "stream");
          const offender = await join("offender", "stream");
          await ann.next("joined");
          for (const each of [...before, message]) offender.send(each);
          const closed = await offender.end();
          expect(closed.code).toBe(code);
          expect(closed.reason).toContain(reason);
          ann.publish(1);
          await batchWith(ann, 1);
        });
      }

      inRoom(
        "[12] [S29] [S29a] one garbled frame of layer 2 hides its player from nobody, and its author is told",
        async () => {
          const ann = await join("ann", "stream");
          const watcher = await join();
          const [skeleton, keyframe, garbled] = GARBLED_LAYER_2;
          ann.send(skeleton);
          ann.send(keyframe);
          const [sound] = (await batchWith(watcher, 0)).entries;
          ann.send(garbled);
          await drained(ann);
          for (const format of STREAM_FORMATS) {
            const newcomer = await connect(format);
            newcomer.join();
            const { entries } = await newcomer.next("batch");
            expect(entries).toMatchObject([{ x: 0, revision: sound.revision }]);
          }
          expect(rootPositionOf(await transport.get(room, "ann"), "json").x).toBe(0);
          expect((await transport.census(room)).framesRejected).toBe(1);
        },
      );

      inRoom(
        "[S29] [S29a] a payload that is garbage spoils its own player until the next keyframe",
        async () => {
          const ann = await join("ann", "stream");
          const watcher = await join(undefined, "json");
          for (const message of GARBAGE_STREAM) ann.send(message);
          expect(await watcher.next("unavailable")).toMatchObject({ index: 0 });
          ann.publish(1);
          await batchWith(watcher, 1);
        },
      );
    });

    describe("a flood of frames", () => {
      const FLOOD = 300;

      inRoom(
        "[S28a] in json and binary loses the frames over the limit, and stays connected",
        async () => {
          for (const format of ["json", "binary"] as const) {
            const ann = await join(`ann-${format}`, format);
            const watcher = await join();
            const before = (await transport.census(room)).framesRejected;
            // Enough to be faster than the limit on any machine.
            while ((await transport.census(room)).framesRejected === before) {
              for (let x = 1; x <= FLOOD; x++) ann.publish(x);
              await drained(ann);
              ann.acknowledge(ann.newestSequence);
              await drained(watcher);
              watcher.acknowledge(watcher.newestSequence);
            }
            // Until the limit lets one through again.
            const isThrough = async () => {
              ann.publish(7777);
              const seen = await drained(watcher);
              watcher.acknowledge(watcher.newestSequence);
              return seen.some(
                (message) =>
                  message.type === "batch" && message.entries.some(({ x }) => x === 7777),
              );
            };
            while (!(await isThrough()));
          }
        },
      );

      inRoom("[S28b] in the stream format is closed, and nobody else is disturbed", async () => {
        const ann = await join("ann");
        const flood = await join("flood", "stream");
        while (flood.closedWith === undefined) {
          for (let x = 1; x <= FLOOD; x++) flood.publish(x);
          await drained(ann);
          ann.acknowledge(ann.newestSequence);
        }
        expect(await flood.end()).toMatchObject({
          code: CloseCode.TooFast,
          reason: "more than 240 frames a second",
        });
        ann.publish(1);
        await batchWith(ann, 1);
      });
    });

    describe("control messages", () => {
      inRoom("[S9b] a ping is answered with its number and the server's time", async () => {
        const ann = await join("ann");
        ann.say({ type: "ping", id: -0.5 });
        const pong = await ann.next("pong");
        expect(pong.id).toBe(-0.5);
        expect(pong.serverTimeUs).toBeGreaterThan(1.6e15);
      });

      inRoom("[S3] unknown fields and properties are ignored", async () => {
        const ann = await connect();
        ann.send('{"type":"join","player":"ann","shoes":[1],"info":{"displayName":"Ann","age":7}}');
        const { player } = await ann.next("welcome");
        expect(player?.info).toEqual({ displayName: "Ann", age: 7 });
      });

      inRoom("an info and a message reach everybody, a message to one reaches one", async () => {
        const [ann, bob] = [await join("ann"), await join("bob", "binary")];
        bob.say({ type: "info", info: { displayName: "Bobby" } });
        expect(await ann.next("info")).toMatchObject({ index: 1, info: { displayName: "Bobby" } });
        bob.say({ type: "message", to: "ann", body: { wave: 1 } });
        bob.say({ type: "message", body: "hi" });
        const message = { type: "message", from: "bob" } as const;
        expect(await ann.next("message")).toEqual({ ...message, body: { wave: 1 } });
        expect(await ann.next("message")).toEqual({ ...message, body: "hi" });
        expect(await drained(bob, "info")).toEqual([{ ...message, body: "hi" }]);
      });

      inRoom(
        "[S10] messages beyond the limit are refused, and the connection stays open",
        async () => {
          const [ann, bob] = [await join("ann"), await join("bob")];
          for (let body = 0; body < 40; body++) ann.say({ type: "message", to: "bob", body });
          const refused = await drained(ann, "joined");
          // A slow machine may earn a few more while it sends.
          expect(refused.length).toBeWithin(10, 21);
          expect(new Set(refused.map((each) => each.type === "error" && each.code))).toEqual(
            new Set(["rate_limited"]),
          );
          expect(await bob.drain()).toHaveLength(40 - refused.length);
        },
      );
    });

    describe("flow control", () => {
      inRoom(
        "[S17e] one that acknowledges nothing is left out, then given full state",
        async () => {
          const ann = await join("ann", "binary");
          const slow = await connect();
          slow.join();
          const view = new RoomView(slow.format);
          let x = 0;
          while ((await transport.census(room)).withheld === 0) {
            ann.publish(++x);
            await batchWith(ann, x);
          }
          for (const message of await slow.drain()) view.apply(message);
          expect(view.players.get(0)!.x).toBeLessThan(x);
          slow.acknowledge(view.sequence!);
          const full = await slow.next("batch");
          expect(full).toMatchObject({ isFullState: true, entries: [{ index: 0, x }] });
          view.apply(full);
          slow.acknowledge(full.sequence);
          ann.publish(++x);
          const next = await slow.next("batch");
          view.apply(next);
          expect(next).toMatchObject({ isFullState: false, entries: [{ index: 0, x }] });
        },
      );

      inRoom("[S17b] an acknowledgement of what was never sent is a broken rule", async () => {
        const ann = await join("ann");
        ann.acknowledge(ann.newestSequence + 1);
        expect(await ann.end()).toMatchObject({ code: CloseCode.BadMessage });
      });
    });

    describe("messages that break a rule", () => {
      for (const { name, message, code, reason } of MALFORMED) {
        inRoom(
          `[S4] [S4a] [S4b] [S11a] [S11b] ${name}: ${code}, and nobody else is disturbed`,
          async () => {
            const ann = await join("ann");
            const offender = await join("offender", "binary");
            await ann.next("joined");
            offender.send(message);
            const closed = await offender.end();
            expect(closed.code).toBe(code);
            expect(closed.reason).toContain(reason);
            expect(closed.reason.length).toBeLessThanOrEqual(120);
            ann.publish(1);
            await batchWith(ann, 1);
            expect(await ann.drain()).toEqual([]);
          },
        );
      }

      inRoom("[S11b] a spectator that publishes is closed", async () => {
        const watcher = await join();
        watcher.publish(1);
        expect(await watcher.end()).toMatchObject({ code: CloseCode.BadMessage });
      });

      const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 32);
      inRoom(
        `[S4] ${kind.fuzzMessages} messages of fuzz crash, leak and disturb nothing (FUZZ_SEED=${seed})`,
        () => fuzz({ transport, room, random: new Random(seed), messages: kind.fuzzMessages }),
      );
    });
  });
}
