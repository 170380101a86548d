// The demo: recorded motion in player1 and player2, whenever nobody else writes there.
import danceClip from "../clips/dcl-dance.30hz.ndjson.gz" with { type: "file" };
import danceParents from "../clips/dcl-dance.30hz.parents.json" with { type: "json" };
import headsetClip from "../clips/vive-hands.90hz.ndjson.gz" with { type: "file" };
import headsetParents from "../clips/vive-hands.90hz.parents.json" with { type: "json" };
import { encodeJson } from "./codec/index.ts";
import type { AvatarFrame } from "./codec/index.ts";
import { DEFAULT_ROOM } from "./hub/hub.ts";
import type { Hub } from "./hub/hub.ts";
import { FACE_BLEND_SHAPES, faceWeights } from "./motion/face-motion.ts";
import type { PlayerInfo } from "./protocol/index.ts";
import { decodeClip } from "./recording/clip.ts";
import type { Clip, ParentsByBone } from "./recording/clip.ts";
import { Replay } from "./recording/replay.ts";

interface DemoPlayer {
  readonly player: string;
  readonly displayName: string;
  readonly file: string;
  readonly parents: ParentsByBone;
  /** Added to the recorded root, metres along x: both clips were recorded around the same origin. */
  readonly besideMetres: number;
  /** Whether it was recorded with its back to us. */
  readonly isTurned: boolean;
  readonly hasFace: boolean;
}

const PLAYERS: readonly DemoPlayer[] = [
  {
    player: "player1",
    displayName: "Dancer",
    file: danceClip,
    parents: danceParents,
    besideMetres: -0.6,
    isTurned: false,
    hasFace: true,
  },
  {
    player: "player2",
    displayName: "Headset",
    file: headsetClip,
    parents: headsetParents,
    besideMetres: 0.6,
    isTurned: true,
    hasFace: false,
  },
];

// Twice the rate of the fastest clip, so that no frame is late by more than half of its interval.
const POLL_MS = 5;

/** The demo returns to a slot when its last writer has been silent for this long. */
export const DEMO_RETURNS_AFTER_MS = 30_000;

/** Starts the demo. Call the returned function to stop it. */
export async function startDemo(hub: Hub, now: () => number): Promise<() => void> {
  const slots = await createDemoSlots(hub, now());
  const timer = setInterval(() => {
    for (const slot of slots) slot.play(now());
  }, POLL_MS);
  return () => clearInterval(timer);
}

/** The demo's slots, which play from `startMs` on. */
export function createDemoSlots(hub: Hub, startMs: number): Promise<DemoSlot[]> {
  return Promise.all(
    PLAYERS.map(async (player) => {
      const clip = decodeClip(await Bun.file(player.file).bytes(), player.parents);
      return new DemoSlot(hub, player, clip, startMs);
    }),
  );
}

type Role = Pick<DemoPlayer, "player" | "displayName" | "besideMetres" | "isTurned" | "hasFace">;

/** One slot of the demo. It steps back when anybody else writes, and returns when they are gone. */
export class DemoSlot {
  readonly #hub: Hub;
  readonly #role: Role;
  readonly #replay: Replay;
  readonly #info: PlayerInfo;
  readonly #weights = new Float32Array(FACE_BLEND_SHAPES.length);
  #isPlaying = false;

  /** Starts at the clip's first frame at `startMs`. */
  constructor(hub: Hub, role: Role, clip: Clip, startMs: number) {
    this.#hub = hub;
    this.#role = role;
    this.#replay = new Replay(clip, startMs);
    this.#info = { displayName: role.displayName, coordinateSystem: "gltf" };
  }

  /** Publishes the frame that is due at `nowMs`, if there is one and the slot is free. */
  play(nowMs: number): void {
    if (!this.#isFree(nowMs)) return this.#stepBack(nowMs);
    const { player } = this.#role;
    const frame = this.#replay.frameAt(nowMs);
    if (frame === undefined) return;
    // After a DELETE too the slot has no info.
    if (!this.#isPlaying || this.#slot?.source === null) {
      this.#hub.setInfo(DEFAULT_ROOM, player, this.#info, nowMs);
    }
    this.#isPlaying = true;
    const bytes = encodeJson(this.#inRole(frame, nowMs));
    this.#hub.publish(DEFAULT_ROOM, player, { format: "json", bytes, source: "demo", nowMs });
  }

  get #slot() {
    return this.#hub.player(DEFAULT_ROOM, this.#role.player);
  }

  #isFree(nowMs: number): boolean {
    const slot = this.#slot;
    const room = this.#hub.room(DEFAULT_ROOM);
    if (slot === undefined || room?.session(slot) !== undefined) return false;
    if (slot.source === null || slot.source === "demo") return true;
    return nowMs - slot.frame.receivedMs >= DEMO_RETURNS_AFTER_MS;
  }

  /** Whoever writes here now is not the demo's player, and has other coordinates perhaps. */
  #stepBack(nowMs: number): void {
    if (!this.#isPlaying) return;
    this.#isPlaying = false;
    const slot = this.#slot;
    if (slot?.info !== this.#info) return;
    this.#hub.room(DEFAULT_ROOM)?.setOwnInfo(slot, {}, nowMs);
  }

  #inRole(frame: AvatarFrame, nowMs: number): AvatarFrame {
    const { besideMetres, isTurned, hasFace } = this.#role;
    const { worldPosition: at, worldRotation: q, localScale } = frame.rootTransform;
    const sign = isTurned ? -1 : 1;
    const rootTransform = {
      worldPosition: { x: sign * at.x + besideMetres, y: at.y, z: sign * at.z },
      // Half a turn about y: (0, 1, 0, 0) times q.
      worldRotation: isTurned ? { x: q.z, y: q.w, z: -q.x, w: -q.y } : q,
      localScale,
    };
    if (!hasFace) return { ...frame, rootTransform };
    faceWeights(nowMs / 1000, this.#weights);
    const blendShapes = FACE_BLEND_SHAPES.map((name, index) => ({
      name,
      // Four decimals are finer than any face, and shorter in JSON.
      weight: Math.round(this.#weights[index] * 1e4) / 1e4,
    }));
    return { ...frame, rootTransform, blendShapes };
  }
}
