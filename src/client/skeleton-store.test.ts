import { describe, expect, test } from "bun:test";
import { FakeRuntime } from "../../test/fake-runtime.ts";
import { smallFrame } from "../../test/frames.ts";
import { createPose, DecodeError, poseOf, skeletonOf } from "../codec/index.ts";
import { createStreamSkeleton, encodeSkeleton } from "../codec/stream/index.ts";
import { SkeletonStore, skeletonStoreOf } from "./skeleton-store.ts";

const skeleton = skeletonOf(smallFrame());
const PAYLOAD = encodeSkeleton(
  createStreamSkeleton(skeleton, poseOf(smallFrame(), createPose(skeleton))),
);
const NOTHING = new Uint8Array(0);

describe("[S37] a store of skeletons", () => {
  test("decodes one once, and has it for the entries that leave it out", () => {
    const store = new SkeletonStore();
    expect(store.receive(7n, NOTHING)).toBeUndefined();
    expect(store.ids).toEqual([]);
    const first = store.receive(7n, PAYLOAD);
    expect(first).toMatchObject({ skeleton });
    expect(store.receive(7n, NOTHING)).toBe(first);
    // Another receiver did not hold it.
    expect(store.receive(7n, PAYLOAD)).toBe(first);
    expect(store.receive(8n, NOTHING)).toBeUndefined();
  });

  test("lists what it holds, the one that was named last at the end", () => {
    const store = new SkeletonStore();
    for (const id of [7n, 8n, 9n]) store.receive(id, PAYLOAD);
    store.receive(7n, NOTHING);
    store.receive(10n, NOTHING);
    expect(store.ids).toEqual([8n, 9n, 7n].map((id) => id.toString().padStart(16, "0")));
  });

  test("keeps that one does not decode, so that it is not asked for again", () => {
    const store = new SkeletonStore();
    const error = store.receive(7n, PAYLOAD.subarray(1));
    expect(error).toBeInstanceOf(DecodeError);
    expect(store.receive(7n, NOTHING)).toBe(error);
    expect(store.ids).toHaveLength(1);
  });
});

describe("[S37] whose skeletons are kept", () => {
  const socketClass = () => new FakeRuntime().webSocket;

  test("one store for all rooms of a server", () => {
    const webSocket = socketClass();
    const store = skeletonStoreOf("ws://host:1/rooms/a/stream", webSocket);
    expect(skeletonStoreOf("ws://host:1/rooms/b/stream?token=x", webSocket)).toBe(store);
    expect(skeletonStoreOf("ws://host:2/rooms/a/stream", webSocket)).not.toBe(store);
    expect(skeletonStoreOf("wss://host:1/rooms/a/stream", webSocket)).not.toBe(store);
    expect(skeletonStoreOf("ws://host:1/rooms/a/stream", socketClass())).not.toBe(store);
  });

  test("the last 8 servers", () => {
    const webSocket = socketClass();
    const storeOf = (port: number) => skeletonStoreOf(`ws://host:${port}/`, webSocket);
    const stores = Array.from({ length: 8 }, (_, port) => storeOf(port + 1));
    expect(storeOf(1)).toBe(stores[0]);
    storeOf(9);
    expect(storeOf(1)).toBe(stores[0]);
    expect(storeOf(2)).not.toBe(stores[1]);
  });
});
