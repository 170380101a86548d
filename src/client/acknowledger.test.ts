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

test("[S17] the newest of several batches is acknowledged within 100 ms", () => {
  const { runtime, acks, receive } = setUp();
  for (let sequence = 1; sequence <= 3; sequence++) {
    receive(sequence);
    runtime.advance(10);
  }
  expect(acks).toEqual([]);
  runtime.advance(69);
  expect(acks).toEqual([3]);
  runtime.advance(1000);
  expect(acks).toEqual([3]);
});

test("[S17] at once when more than 64 KiB came", () => {
  const { acks, receive } = setUp();
  receive(1, 40_000);
  expect(acks).toEqual([]);
  receive(2, 40_000);
  receive(3, 40_000);
  expect(acks).toEqual([2]);
});

test("[S17] at once for full state: the server waits for it", () => {
  const { acks, receive } = setUp();
  receive(7, 13, true);
  expect(acks).toEqual([7]);
});

test("[S17] what comes acknowledges, though a hidden page's timers hardly run", () => {
  const { runtime, acks, receive } = setUp();
  receive(1);
  // The timer that is due does not run.
  runtime.nowMs += 60;
  receive(2);
  expect(acks).toEqual([2]);
});

test("an ended connection acknowledges nothing", () => {
  const { runtime, acks, acknowledger, receive } = setUp();
  receive(1);
  acknowledger.stop();
  runtime.advance(1000);
  expect([acks, runtime.timerCount]).toEqual([[], 0]);
});
