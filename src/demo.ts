// The demo: recorded motion in player1 and player2, until somebody posts there.
import danceClip from "../clips/dcl-dance.30hz.ndjson.gz" with { type: "file" };
import danceParents from "../clips/dcl-dance.30hz.parents.json" with { type: "json" };
import headsetClip from "../clips/vive-hands.90hz.ndjson.gz" with { type: "file" };
import headsetParents from "../clips/vive-hands.90hz.parents.json" with { type: "json" };
import { encodeJson } from "./codec/index.ts";
import { DEFAULT_ROOM } from "./hub/hub.ts";
import type { Hub } from "./hub/hub.ts";
import { decodeClip } from "./recording/clip.ts";
import type { ParentsByBone } from "./recording/clip.ts";
import { Replay } from "./recording/replay.ts";

interface DemoPlayer {
  readonly player: string;
  readonly displayName: string;
  readonly file: string;
  readonly parents: ParentsByBone;
}

const PLAYERS: readonly DemoPlayer[] = [
  { player: "player1", displayName: "Dancer", file: danceClip, parents: danceParents },
  { player: "player2", displayName: "Headset", file: headsetClip, parents: headsetParents },
];

// Twice the rate of the fastest clip, so that no frame is late by more than half of its interval.
const POLL_MS = 5;

/** Starts the demo. Call the returned function to stop it. */
export async function startDemo(hub: Hub, now: () => number): Promise<() => void> {
  const replays = await Promise.all(
    PLAYERS.map(async ({ player, displayName, file, parents }) => {
      const clip = decodeClip(await Bun.file(file).bytes(), parents);
      return { player, displayName, replay: new Replay(clip, now()) };
    }),
  );
  const timers = replays.map(({ player, displayName, replay }) => {
    hub.setInfo(DEFAULT_ROOM, player, { displayName, coordinateSystem: "gltf" }, now());
    const timer = setInterval(() => {
      const slot = hub.player(DEFAULT_ROOM, player);
      const isOurs = slot?.source === null || slot?.source === "demo";
      if (!isOurs || slot.session !== undefined) return clearInterval(timer);
      const nowMs = now();
      const frame = replay.frameAt(nowMs);
      if (frame === undefined) return;
      const bytes = encodeJson(frame);
      hub.publish(DEFAULT_ROOM, player, { format: "json", bytes, source: "demo", nowMs });
    }, POLL_MS);
    return timer;
  });
  return () => timers.forEach((timer) => clearInterval(timer));
}
