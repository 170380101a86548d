// Face motion: a made-up face that blinks, speaks and smiles, as a function of time. It belongs to nobody, so
// demos may ship it.
import { ARKIT_BLEND_SHAPES } from "./arkit-names.ts";

/** What moves, each 0 to 1. */
interface Moment {
  readonly blink: number;
  /** The mouth of somebody who speaks: how open it is, and how round. */
  readonly open: number;
  readonly round: number;
  readonly smile: number;
  readonly brows: number;
  /** Where the eyes look: -1 is the face's right, 1 its left. */
  readonly gaze: number;
}

/** Which weights each part of a moment moves, and how far. */
const WEIGHTS: Readonly<Record<string, (moment: Moment) => number>> = {
  eyeBlinkLeft: ({ blink }) => blink,
  eyeBlinkRight: ({ blink }) => blink,
  eyeSquintLeft: ({ smile }) => 0.4 * smile,
  eyeSquintRight: ({ smile }) => 0.4 * smile,
  eyeLookOutLeft: ({ gaze }) => 0.5 * Math.max(0, gaze),
  eyeLookInRight: ({ gaze }) => 0.5 * Math.max(0, gaze),
  eyeLookInLeft: ({ gaze }) => 0.5 * Math.max(0, -gaze),
  eyeLookOutRight: ({ gaze }) => 0.5 * Math.max(0, -gaze),
  jawOpen: ({ open }) => 0.55 * open,
  mouthFunnel: ({ open, round }) => 0.5 * round * open,
  mouthPucker: ({ round }) => 0.6 * round,
  mouthLowerDownLeft: ({ open }) => 0.3 * open,
  mouthLowerDownRight: ({ open }) => 0.3 * open,
  mouthUpperUpLeft: ({ open }) => 0.15 * open,
  mouthUpperUpRight: ({ open }) => 0.15 * open,
  mouthSmileLeft: ({ smile }) => 0.85 * smile,
  mouthSmileRight: ({ smile }) => 0.8 * smile,
  cheekSquintLeft: ({ smile }) => 0.5 * smile,
  cheekSquintRight: ({ smile }) => 0.5 * smile,
  browInnerUp: ({ brows }) => 0.6 * brows,
  browOuterUpLeft: ({ brows }) => 0.5 * brows,
  browOuterUpRight: ({ brows }) => 0.4 * brows,
};

// Whole cycles fit into it, so that the end of a period meets its start.
const PERIOD_SECONDS = 24;
/** Blinks, in seconds of the period. People blink every 2 to 6 s, at times twice. */
const BLINKS_SECONDS = [1.1, 4.3, 4.7, 8.9, 12.2, 16.8, 20.1, 22.9];
const BLINK_SECONDS = 0.18;
/** Phrases: from, to. People speak 4 to 5 syllables a second. */
const PHRASES_SECONDS = [
  [1.5, 5.2],
  [6.4, 8.6],
  [13.0, 18.4],
] as const;
const SYLLABLES_PER_SECOND = 4.5;
const SMILES_SECONDS = [
  [8.4, 12.6],
  [18.2, 22.6],
] as const;
// How long a phrase or a smile takes to come and to go.
const ONSET_SECONDS = 0.35;

/** The names of all weights, in the order in which `faceWeights` writes them: ARKit's 52. */
export const FACE_BLEND_SHAPES = ARKIT_BLEND_SHAPES;

/** Writes the face of a moment: a weight of 0 to 1 for each of `FACE_BLEND_SHAPES`. */
export function faceWeights(seconds: number, out: Float32Array): Float32Array {
  const moment = momentAt(seconds);
  FACE_BLEND_SHAPES.forEach((name, index) => {
    out[index] = Object.hasOwn(WEIGHTS, name) ? WEIGHTS[name](moment) : 0;
  });
  return out;
}

function momentAt(seconds: number): Moment {
  const at = ((seconds % PERIOD_SECONDS) + PERIOD_SECONDS) % PERIOD_SECONDS;
  const turn = (cycles: number) => Math.sin((2 * Math.PI * cycles * at) / PERIOD_SECONDS);
  const speaking = Math.max(...PHRASES_SECONDS.map(([from, to]) => during(at, from, to)));
  const syllable = Math.sin(Math.PI * SYLLABLES_PER_SECOND * at) ** 2;
  // No two syllables are alike: the slower waves vary how open and how round each is.
  const open = speaking * syllable * (0.65 + 0.2 * turn(7) + 0.15 * turn(31));
  return {
    blink: Math.max(...BLINKS_SECONDS.map((blink) => bump(at, blink))),
    open,
    round: speaking * Math.max(0, turn(37)) * 0.8,
    smile: Math.max(0.08, ...SMILES_SECONDS.map(([from, to]) => during(at, from, to))),
    brows: speaking * Math.max(0, turn(11)),
    gaze: turn(3) * 0.6 + turn(5) * 0.4,
  };
}

/** 1 between `from` and `to`, with soft edges; 0 elsewhere. */
function during(at: number, from: number, to: number): number {
  return smoothStep((at - from) / ONSET_SECONDS) * smoothStep((to - at) / ONSET_SECONDS);
}

/** Rises from 0 to 1 and falls again within a blink that starts at `from`. */
function bump(at: number, from: number): number {
  const share = (at - from) / BLINK_SECONDS;
  return share > 0 && share < 1 ? Math.sin(Math.PI * share) : 0;
}

function smoothStep(share: number): number {
  const t = Math.min(1, Math.max(0, share));
  return t * t * (3 - 2 * t);
}
