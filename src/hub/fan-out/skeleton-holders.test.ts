// Skeletons by content id, as a room sends them to receivers of the stream format.
import { createHash } from "node:crypto";
import { describe, expect, test } from "bun:test";
import { encodeFrame } from "../../../test/frame-messages.ts";
import { smallFrame } from "../../../test/frames.ts";
import { joinPlayer, joinSpectator, MemoryClient } from "../../../test/memory-client.ts";
import { MemoryServer } from "../../../test/memory-server.ts";
import type { ReceivedBatch } from "../../../test/received.ts";
import type { AvatarFrame } from "../../codec/index.ts";
import { HELD_SKELETONS_MAX } from "../../protocol/index.ts";

const STREAM = { format: "stream" } as const;
const LIE = "00000000000000ff";

/** A frame of a skeleton of its own for each `shape`. The first of a stream is the root's rest, so `x` counts too. */
function shapedFrame(shape: number, x = 1): AvatarFrame {
  const frame = smallFrame(x);
  frame.bones[1].name = `Head ${shape}`;
  return frame;
}

/** Whether each skeleton entry has a payload, and where the frames are: what one batch holds. */
function contentOf({ skeletons, entries }: ReceivedBatch) {
  return {
    payloads: skeletons.map(({ byteLength }) => byteLength > 0),
    shown: entries.filter(({ isOld }) => !isOld).map(({ x, isLost }) => (isLost ? "lost" : x)),
  };
}

/** The next batch, once the tick has come. */
function nextBatch(server: MemoryServer, client: MemoryClient): ReceivedBatch {
  server.clock.advance(40);
  const batches = client.takeAll("batch");
  expect(batches).toHaveLength(1);
  client.acknowledge(batches[0].sequence);
  return batches[0];
}

/** A spectator's full state, when it says that it holds these, or what an earlier one holds. */
function fullState(server: MemoryServer, held: readonly string[] | MemoryClient) {
  const client = new MemoryClient(server, STREAM);
  if (held instanceof MemoryClient) client.holdWhatIsHeldBy(held);
  const skeletons = held instanceof MemoryClient ? held.heldSkeletons : held;
  client.join({ skeletons });
  const [batch] = client.takeAll("batch");
  client.acknowledge(batch.sequence);
  return { client, batch };
}

function roomOfTwo() {
  const server = new MemoryServer();
  const players = [0, 1].map((shape) => {
    const player = joinPlayer(server, `p${shape}`, STREAM);
    player.publishFrame(shapedFrame(shape, shape));
    return player;
  });
  server.clock.advance(40);
  const [p0] = players;
  return { server, p0 };
}

describe("full state leaves out the payload of a skeleton that the receiver holds", () => {
  test("[S37] by its join", () => {
    const { server } = roomOfTwo();
    const { client, batch } = fullState(server, []);
    expect(contentOf(batch)).toEqual({ payloads: [true, true], shown: [0, 1] });
    const { batch: again } = fullState(server, client);
    expect(contentOf(again)).toEqual({ payloads: [false, false], shown: [0, 1] });
    const [, second] = client.heldSkeletons;
    expect(contentOf(fullState(server, [second]).batch).payloads).toEqual([true, false]);
  });

  test("[S38] by what it was sent on this connection: with keyframe, and after it was behind", () => {
    const { server, p0 } = roomOfTwo();
    const { client } = fullState(server, []);
    client.say({ type: "keyframe" });
    expect(contentOf(client.takeAll("batch")[0])).toEqual({ payloads: [false, false], shown: [] });
    for (let frame = 1; frame < 40; frame++) {
      p0.publishFrame(shapedFrame(0, frame / 100));
      p0.acknowledge(p0.newestSequence);
      server.clock.advance(40);
    }
    const sent = client.takeAll("batch");
    expect(sent.length).toBeLessThan(30);
    client.acknowledge(client.newestSequence);
    const [back] = client.takeAll("batch");
    expect(back.isFullState).toBe(true);
    const { payloads, shown } = contentOf(back);
    expect(payloads).toEqual([false, false]);
    expect(shown).toContain(0.39);
  });

  test("[S37] in a session that is resumed, by its join alone", () => {
    const { server } = roomOfTwo();
    const first = new MemoryClient(server, STREAM);
    first.join({ player: "ann" });
    const { resumeKey } = first.takeAll("welcome")[0];
    first.kill();
    for (const skeletons of [[], first.heldSkeletons]) {
      const again = new MemoryClient(server, STREAM);
      if (skeletons.length > 0) again.holdWhatIsHeldBy(first);
      again.join({ player: "ann", resumeKey: resumeKey!, skeletons });
      const [{ payloads, shown }] = again.takeAll("batch").map(contentOf);
      expect([payloads, shown]).toEqual([[true, true].map(() => skeletons.length === 0), [0, 1]]);
    }
  });

  test("[S38] of a player whom the server encodes too", () => {
    const server = new MemoryServer();
    const bytes = encodeFrame(smallFrame(3), "json");
    const { nowMs } = server.clock;
    server.hub.publish("lobby", "web", { format: "json", bytes, source: "http", nowMs });
    const { client, batch } = fullState(server, []);
    expect(contentOf(batch)).toEqual({ payloads: [true], shown: [3] });
    expect(contentOf(fullState(server, client).batch)).toEqual({ payloads: [false], shown: [3] });
  });

  test("[S37] a keyframe's list replaces what the server believed", () => {
    const { server } = roomOfTwo();
    const { client } = fullState(server, []);
    const [first] = client.heldSkeletons;
    for (const [skeletons, payloads] of [
      [[], [true, true]],
      [[first], [false, true]],
      [undefined, [false, false]],
    ] as const) {
      client.say({ type: "keyframe", ...(skeletons && { skeletons }) });
      expect(contentOf(client.takeAll("batch")[0]).payloads).toEqual([...payloads]);
    }
  });
});

describe("a batch for many leaves it out where all of them hold it", () => {
  test("[S38] and one who does not brings it to all", () => {
    const { server, p0 } = roomOfTwo();
    const [ann, bob] = [fullState(server, []).client, fullState(server, []).client];
    server.clock.advance(40);
    for (const [shape, x, payload] of [
      // Nobody has seen it; everybody has; it is of another player.
      [7, 5, true],
      [0, 0, false],
      [7, 5, false],
      [1, 1, false],
    ] as const) {
      p0.publishFrame(shapedFrame(shape, x));
      for (const client of [ann, bob]) {
        const { payloads, shown } = contentOf(nextBatch(server, client));
        expect([shape, payloads, shown]).toEqual([shape, [payload], [x]]);
      }
    }
    // Whoever comes now holds what is in use; what it lacks goes to all.
    const { client: late } = fullState(server, []);
    p0.publishFrame(shapedFrame(7, 5));
    for (const client of [ann, bob, late]) {
      expect(contentOf(nextBatch(server, client))).toEqual({ payloads: [true], shown: [5] });
    }
  });

  test("[S38] each size of a batch by itself", () => {
    const { server, p0 } = roomOfTwo();
    const { client: whole } = fullState(server, []);
    p0.publishFrame(shapedFrame(7, 5));
    server.clock.advance(40);
    const quarter = new MemoryClient(server, STREAM);
    quarter.join({ layers: 1 });
    server.clock.advance(40);
    for (const client of [whole, quarter]) {
      client.take();
      client.acknowledge(client.newestSequence);
    }
    p0.publishFrame(shapedFrame(0, 0));
    expect(contentOf(nextBatch(server, whole))).toEqual({ payloads: [false], shown: [0] });
    expect(contentOf(nextBatch(server, quarter))).toEqual({ payloads: [true], shown: [0] });
  });
});

describe("a list that is not true", () => {
  test("[S39] is missing to who said it, to nobody else, and the true one brings it back", () => {
    const { server, p0 } = roomOfTwo();
    const { client: honest } = fullState(server, []);
    // The liar never had these, and one that does not exist.
    const { client: liar, batch } = fullState(server, [...honest.heldSkeletons, LIE]);
    expect(contentOf(batch)).toEqual({ payloads: [false, false], shown: ["lost", "lost"] });
    p0.publishFrame(shapedFrame(0, 1));
    expect(contentOf(nextBatch(server, honest)).shown).toEqual([1]);
    expect(contentOf(fullState(server, []).batch).shown).toContain(1);
    liar.take();
    liar.say({ type: "keyframe", skeletons: [] });
    const [told] = liar.takeAll("batch").map(contentOf);
    expect(told).toMatchObject({ payloads: [true, true], shown: [0, 1, 1] });
  });

  test("[S38] cannot keep a new skeleton from those who lack it", () => {
    const { server, p0 } = roomOfTwo();
    const { client: honest } = fullState(server, []);
    p0.publishFrame(shapedFrame(7, 5));
    server.clock.advance(40);
    const id = honest.heldSkeletons.at(-1)!;
    // A new server has never seen it, and one client says that it holds it.
    const next = roomOfTwo();
    const { client: liar } = fullState(next.server, [id]);
    const { client: other } = fullState(next.server, []);
    next.server.clock.advance(40);
    for (const client of [liar, other]) client.take();
    next.p0.publishFrame(shapedFrame(7, 5));
    for (const client of [liar, other]) {
      expect(contentOf(nextBatch(next.server, client))).toEqual({ payloads: [true], shown: [5] });
    }
  });
});

test("[S33] the content id is the first 8 bytes of SHA-256 of the payload", () => {
  const server = new MemoryServer();
  const watcher = joinSpectator(server, STREAM);
  const ann = joinPlayer(server, "ann", STREAM);
  ann.publishFrame(shapedFrame(3));
  server.clock.advance(40);
  const [id] = watcher.heldSkeletons;
  const [sent] = watcher.skeletonBytes;
  expect(id).toBe(createHash("sha256").update(sent).digest("hex").slice(0, 16));
});

test("[S37] the server knows of the last 512 that a receiver was sent, and of no more", () => {
  const server = new MemoryServer();
  const ann = joinPlayer(server, "ann", STREAM);
  const watcher = joinSpectator(server, STREAM);
  const publish = (shape: number) => {
    ann.publishFrame(shapedFrame(shape, 2));
    server.clock.advance(40);
    ann.acknowledge(ann.newestSequence);
    watcher.acknowledge(watcher.newestSequence);
    return watcher.takeAll("batch").map(contentOf);
  };
  for (let shape = 0; shape < 512; shape++) publish(shape);
  expect(publish(0)).toEqual([{ payloads: [false], shown: [2] }]);
  publish(512);
  // 1 is forgotten; 0 came again since.
  expect(publish(1)).toEqual([{ payloads: [true], shown: [2] }]);
  expect(publish(0)).toEqual([{ payloads: [false], shown: [2] }]);
  expect(watcher.heldSkeletons).toHaveLength(HELD_SKELETONS_MAX);
});
