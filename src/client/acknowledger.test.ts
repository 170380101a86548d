import { expect, test } from "bun:test";
import { decodeAck } from "../protocol/index.ts";
import { Acknowledger } from "./acknowledger.ts";
import { FakeRuntime } from "../../test/fake-runtime.ts";

function setUp() {
  const runtime = new FakeRuntime();
  const acks: number[] = [];
  const acknowledger = new Acknowledger(runtime, (ack) => acks.push(decodeAck(ack)));
  const receive = (sequence: number, byteLength = 100, isFullState = false) =>
    acknowledger.received({ sequence, byteLength, isFullState });
  return { runtime, acks, acknowledger, receive };
}

test("[S17] the first batch is acknowledged as it comes, the newest of those after it within 50 ms", () => {
  const { runtime, acks, receive } = setUp();
  for (let sequence = 1; sequence <= 4; sequence++) {
    receive(sequence);
    runtime.advance(10);
  }
  expect(acks).toEqual([1]);
  runtime.advance(10);
  expect(acks).toEqual([1, 4]);
  runtime.advance(1000);
  expect(acks).toEqual([1, 4]);
});

test("[8] [S17] batches are acknowledged by their receipt though no timer ever runs", () => {
  const { runtime, acks, receive } = setUp();
  // 30 Hz for a second.
  for (let sequence = 1; sequence <= 30; sequence++) {
    receive(sequence);
    runtime.nowMs += 1000 / 30;
  }
  expect(acks).toEqual(Array.from({ length: 15 }, (_, at) => 1 + 2 * at));
});

test("[8] [S17a] the last batch before a pause is acknowledged when the server asks", () => {
  const { runtime, acks, acknowledger, receive } = setUp();
  acknowledger.acknowledge();
  expect(acks).toEqual([]);
  receive(1);
  receive(2);
  acknowledger.acknowledge();
  expect(acks).toEqual([1, 2]);
  expect(runtime.timerCount).toBe(0);
});

test("[S17] at once when more than 64 KiB came", () => {
  const { acks, receive } = setUp();
  receive(1, 40_000);
  receive(2, 40_000);
  expect(acks).toEqual([1]);
  receive(3, 40_000);
  receive(4, 40_000);
  expect(acks).toEqual([1, 3]);
});

test("[S17] at once for full state: the server waits for it", () => {
  const { acks, receive } = setUp();
  receive(7, 13, true);
  expect(acks).toEqual([7]);
});

test("an ended connection acknowledges nothing", () => {
  const { runtime, acks, acknowledger, receive } = setUp();
  receive(1);
  receive(2);
  acknowledger.stop();
  runtime.advance(1000);
  expect([acks, runtime.timerCount]).toEqual([[1], 0]);
});
