import { expect, test } from "bun:test";
import { smallFrame } from "../test/frames.ts";
import { worldPosition } from "../test/page-stage.ts";
import { encodeJson, identityFrame } from "./codec/index.ts";
import type { AvatarFrame } from "./codec/index.ts";
import { createDemoSlots, DEMO_RETURNS_AFTER_MS, DemoSlot } from "./demo.ts";
import { DEFAULT_ROOM, Hub } from "./hub/hub.ts";

const START_MS = 1_000_000;
const CLIP = [0, 0.1, 0.2].map((timestamp) => ({ ...identityFrame(), timestamp }));
const ROLE = {
  player: "player1",
  displayName: "Dancer",
  besideMetres: -0.6,
  isTurned: false,
  hasFace: true,
};

function createHub(): Hub {
  const host = { broadcaster: { broadcast() {} }, createResumeKey: () => "key", scheduleTick() {} };
  return new Hub({}, host, START_MS);
}

function setUp() {
  const hub = createHub();
  const demo = new DemoSlot(hub, ROLE, CLIP, START_MS);
  const slot = () => hub.player(DEFAULT_ROOM, "player1")!;
  const post = (nowMs: number) => {
    const bytes = encodeJson(smallFrame());
    hub.publish(DEFAULT_ROOM, "player1", { format: "json", bytes, source: "http", nowMs });
  };
  return { hub, demo, slot, post };
}

test("[23] the demo steps back from a visitor's slot, and takes its name and coordinates along", () => {
  const { demo, slot, post } = setUp();
  demo.play(START_MS);
  expect(slot().source).toBe("demo");
  expect(slot().info).toEqual({ displayName: "Dancer", coordinateSystem: "gltf" });
  post(START_MS + 50);
  demo.play(START_MS + 120);
  expect(slot().source).toBe("http");
  expect(slot().info).toEqual({});
});

test("[23] what a visitor says of itself stays", () => {
  const { hub, demo, slot, post } = setUp();
  demo.play(START_MS);
  hub.setInfo(DEFAULT_ROOM, "player1", { displayName: "Ann" }, START_MS + 40);
  demo.play(START_MS + 110);
  post(START_MS + 150);
  demo.play(START_MS + 220);
  expect(slot().info).toEqual({ displayName: "Ann" });
});

test("[23] the demo returns when a visitor has been silent for 30 s", () => {
  const { demo, slot, post } = setUp();
  demo.play(START_MS);
  post(START_MS + 50);
  demo.play(START_MS + 50 + DEMO_RETURNS_AFTER_MS - 1);
  expect(slot().source).toBe("http");
  demo.play(START_MS + 50 + DEMO_RETURNS_AFTER_MS + 100);
  expect(slot().source).toBe("demo");
  expect(slot().info).toEqual({ displayName: "Dancer", coordinateSystem: "gltf" });
});

test("[23] the demo returns on DELETE", () => {
  const { hub, demo, slot, post } = setUp();
  demo.play(START_MS);
  post(START_MS + 50);
  demo.play(START_MS + 120);
  hub.removePlayer(DEFAULT_ROOM, "player1", START_MS + 150);
  demo.play(START_MS + 210);
  expect(slot().source).toBe("demo");
  // A DELETE of the demo's own player resets it, and the demo begins again.
  hub.removePlayer(DEFAULT_ROOM, "player1", START_MS + 250);
  demo.play(START_MS + 310);
  expect(slot().info).toEqual({ displayName: "Dancer", coordinateSystem: "gltf" });
});

test("[20] the demo's bodies are apart at every moment, and [21] one has a face that moves", async () => {
  const hub = createHub();
  const slots = await createDemoSlots(hub, START_MS);
  const faces = new Set<string>();
  for (let nowMs = START_MS; nowMs < START_MS + 11_000; nowMs += 250) {
    for (const slot of slots) slot.play(nowMs);
    const [dancer, headset] = ["player1", "player2"].map((id) => frameIn(hub, id));
    expect(worldPosition(headset, "Hips")[0] - worldPosition(dancer, "Hips")[0]).toBeWithin(0.8, 2);
    expect(dancer.blendShapes.length).toBe(52);
    faces.add(JSON.stringify(dancer.blendShapes));
  }
  expect(faces.size).toBeGreaterThan(20);
});

function frameIn(hub: Hub, player: string): AvatarFrame {
  const json = hub.player(DEFAULT_ROOM, player)!.frame.encode("json");
  return JSON.parse(new TextDecoder().decode(json)) as AvatarFrame;
}

test("[H16e] the demo counts as though it were posted", () => {
  const { hub, demo } = setUp();
  demo.play(START_MS);
  const { updatesTotal, bytesTotal } = hub.status(START_MS).traffic.json.in;
  expect(updatesTotal).toBe(1);
  expect(bytesTotal).toBeGreaterThan(100);
});
