// What the server's batches hold beside payloads, in a room of 100 full bodies. The figures are docs/benchmarks.md's.
import { expect, test } from "bun:test";
import { BatchReader, EntryKind, StreamPublication } from "../src/protocol/index.ts";
import { readClipPoses } from "./clip-poses.ts";
import { MemoryClient } from "./memory-client.ts";
import { MemoryServer } from "./memory-server.ts";
import type { Message } from "./memory-server.ts";

const CLIP = `${import.meta.dir}/../clips/dcl-dance.30hz.ndjson.gz`;
const PLAYERS = 100;
const INTERVAL_MS = 50;
const SECONDS = 8;
/** From capture to arrival at the server. */
const UPLINK_MS = 20;
const ACKNOWLEDGE_MS = 60;
const BATCH_HEADER_BYTES = 13;

/** Reads nothing, and so is sent nothing after a moment. */
class DeafPublisher extends MemoryClient {
  protected override receive(): void {}
}

/** Counts what it is sent. */
class Counter extends MemoryClient {
  isCounting = false;
  batches = 0;
  frames = 0;
  bytesBesidePayloads = 0;

  protected override receive(message: Message): void {
    if (typeof message === "string") return;
    const batch = new BatchReader(message);
    this.newestSequence = batch.sequence;
    if (!this.isCounting) return;
    this.batches++;
    this.bytesBesidePayloads += message.length - BATCH_HEADER_BYTES;
    while (batch.next()) {
      expect(batch.kind).toBe(EntryKind.Frame);
      this.frames++;
      this.bytesBesidePayloads -= batch.payload.length;
    }
  }
}

test("[S14] in a room of 100 a frame has 6.03 bytes beside its payload, and a batch 13 of its own", async () => {
  const { skeleton, poses } = await readClipPoses(CLIP);
  const server = new MemoryServer();
  const { clock } = server;
  const counter = new Counter(server, { format: "stream" });
  counter.join();
  for (let player = 0; player < PLAYERS; player++) {
    const publisher = new DeafPublisher(server, { format: "stream" });
    publisher.join({ player: `p${player}` });
    const publication = new StreamPublication();
    let frames = player;
    const publish = () => {
      const captureTimeUs = Math.round((clock.nowMs - UPLINK_MS) * 1000) % 2 ** 32;
      const pose = poses[frames++ % poses.length];
      const message = publication.encode(skeleton, pose, { captureTimeUs });
      if (publication.opening !== undefined) publisher.send(publication.opening);
      publisher.send(message);
      clock.after(INTERVAL_MS, publish);
    };
    clock.after((player * INTERVAL_MS) / PLAYERS, publish);
  }
  const acknowledge = () => {
    counter.acknowledge(counter.newestSequence);
    clock.after(ACKNOWLEDGE_MS, acknowledge);
  };
  acknowledge();
  clock.advance(1000);
  counter.isCounting = true;
  clock.advance(SECONDS * 1000);
  const { batches, frames, bytesBesidePayloads } = counter;
  // Ticks are 33 ms apart, and nobody's frame is missing.
  expect(batches).toBeWithin(30 * SECONDS - 2, 30 * SECONDS + 2);
  expect(frames).toBeWithin(20 * SECONDS * PLAYERS - PLAYERS, 20 * SECONDS * PLAYERS + PLAYERS);
  // 6 of an ordinary frame. A keyframe, one frame in 40, has its revision too.
  expect(bytesBesidePayloads / frames).toBeCloseTo(6.03, 2);
});
