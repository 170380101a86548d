import { beforeEach, expect, test } from "bun:test";
import { FakeRuntime } from "../../test/fake-runtime.ts";
import type { ClientMessage } from "../protocol/index.ts";
import { FullStateRequests } from "./full-state-requests.ts";

let runtime: FakeRuntime;
let said: ClientMessage[];
let isConnected: boolean;
let lacks: boolean;
let requests: FullStateRequests;

beforeEach(() => {
  runtime = new FakeRuntime();
  said = [];
  [isConnected, lacks] = [true, false];
  requests = new FullStateRequests({
    runtime,
    send: (message) => {
      if (isConnected) said.push(message);
      return isConnected;
    },
    lacksSkeletons: () => lacks,
    heldSkeletons: () => ["0000000000000007"],
  });
});

test("[S26] a lost reference asks at once, and at most once a second", () => {
  requests.ask();
  for (let count = 0; count < 9; count++) {
    runtime.advance(100);
    requests.ask();
  }
  expect(said).toEqual([{ type: "keyframe" }]);
  runtime.advance(100);
  requests.ask();
  expect(said).toHaveLength(2);
  expect(runtime.timerCount).toBe(0);
});

test("[S39] a skeleton is asked for with what is held, every second until it is there", () => {
  requests.ask();
  lacks = true;
  runtime.advance(100);
  requests.ask();
  requests.ask();
  expect(said).toEqual([{ type: "keyframe" }]);
  runtime.advance(900);
  const asked = { type: "keyframe", skeletons: ["0000000000000007"] };
  expect(said.slice(1)).toEqual([asked] as ClientMessage[]);
  runtime.advance(3000);
  expect(said).toHaveLength(5);
  lacks = false;
  runtime.advance(3000);
  expect(said).toHaveLength(5);
  expect(runtime.timerCount).toBe(0);
});

test("without a connection nothing is asked for: the next one begins with full state", () => {
  lacks = true;
  requests.ask();
  runtime.advance(500);
  isConnected = false;
  runtime.advance(5000);
  expect(said).toHaveLength(1);
  expect(runtime.timerCount).toBe(0);
});
