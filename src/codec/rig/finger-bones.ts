// Finger bones: which bone of a finger each name is. Conventions count and name thumbs differently.
import type { BoneName } from "./bone-name.ts";
import { FINGER_BONES } from "./bone-words.ts";
import type { Finger, FingerBone } from "./bone-words.ts";

/** Returns the bone that each name is, given all names of one finger of one hand. */
export function fingerBonesOf(finger: Finger, names: readonly BoneName[]): FingerBone[] {
  if (finger !== "thumb") {
    return names.map((name) => name.finger?.bone ?? fingerBone(name.number));
  }
  const said = new Set(names.map((name) => name.finger?.bone));
  const numbers = new Set(names.map(({ number }) => number));
  return names.map(({ number, ...name }) => {
    const bone = name.finger?.bone ?? thumbBone(number, numbers);
    return said.has("intermediate") ? unityThumb(bone) : bone;
  });
}

/** Index1 is the proximal bone, index0 the metacarpal. */
function fingerBone(number: number | null): FingerBone {
  return FINGER_BONES[Math.min((number ?? 1) + 1, FINGER_BONES.length - 1)];
}

const THUMB_BONES: readonly FingerBone[] = ["base", "metacarpal", "proximal", "distal", "tip"];

/** Mixamo and VRoid call the metacarpal 1. MMD calls it 0, and Meta has a bone of the wrist as 0. */
function thumbBone(number: number | null, numbers: ReadonlySet<number | null>): FingerBone {
  const first = numbers.has(0) && !numbers.has(3) ? 1 : 0;
  return THUMB_BONES[Math.min((number ?? 1) + first, THUMB_BONES.length - 1)];
}

/**
 * Unity and VRM 0 call a thumb's bones proximal, intermediate and distal; VRM 1 calls the same three
 * metacarpal, proximal and distal.
 */
function unityThumb(bone: FingerBone): FingerBone {
  if (bone === "proximal") return "metacarpal";
  return bone === "intermediate" ? "proximal" : bone;
}
