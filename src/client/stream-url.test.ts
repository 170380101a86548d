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

test("a room of a name that no room can have is refused, and not tried for ever", () => {
  const refusal = "expected 1 to 64 of A-Z a-z 0-9 _ -";
  for (const room of ["my room", "a/b", "", "x".repeat(65), "bühne"]) {
    expect(() => streamUrl("http://h:8080", room)).toThrow(
      new TypeError(`room ${room}: ${refusal}`),
    );
  }
  expect(() => streamUrl("http://h/rooms/my room")).toThrow(`room my%20room: ${refusal}`);
});

test("what is no address is refused with an address that would do", () => {
  for (const address of ["localhost", "", "http://"]) {
    expect(() => streamUrl(address)).toThrow("expected an address such as http://localhost:8080");
  }
});
