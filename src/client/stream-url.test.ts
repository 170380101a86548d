import { expect, test } from "bun:test";
import { streamUrl } from "./stream-url.ts";

test("an address of a stream stays as it is", () => {
  const address = "ws://127.0.0.1:8080/rooms/lobby/stream";
  expect(streamUrl(address)).toBe(address);
  expect(streamUrl(address, "lobby")).toBe(address);
  expect(streamUrl("wss://a.example/rooms/lobby/stream?token=1")).toBe(
    "wss://a.example/rooms/lobby/stream?token=1",
  );
});

test("http means ws, and https means wss", () => {
  expect(streamUrl("http://h:1/rooms/a/stream")).toBe("ws://h:1/rooms/a/stream");
  expect(streamUrl("https://h/rooms/a")).toBe("wss://h/rooms/a/stream");
});

test("a server's address and a room are enough, and the room is default", () => {
  expect(streamUrl("http://h:8080", "lobby")).toBe("ws://h:8080/rooms/lobby/stream");
  expect(streamUrl("http://h:8080/")).toBe("ws://h:8080/rooms/default/stream");
  expect(streamUrl("http://h/sync/", "lobby")).toBe("ws://h/sync/rooms/lobby/stream");
  expect(streamUrl("http://h/rooms/a/#top")).toBe("ws://h/rooms/a/stream");
});

test("what cannot be meant is refused", () => {
  expect(() => streamUrl("ftp://h/")).toThrow(TypeError);
  expect(() => streamUrl("lobby")).toThrow(TypeError);
  expect(() => streamUrl("ws://h/rooms/a/stream", "b")).toThrow("names room a, not b");
});
