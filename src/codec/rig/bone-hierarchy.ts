// Bone hierarchy: what parents tell about bones whose names do not: the side of a finger, and limbs named in
// words of no convention.
import { TRANSFORM_FLOATS } from "../frame.ts";
import type { BoneName, Side } from "./bone-name.ts";
import type { BodyPart } from "./bone-parts.ts";

/** A name without a side has that of the nearest bone above with one: `Palm` on `LeftHand`. */
export function inheritSides(names: readonly BoneName[], parents: Int32Array): BoneName[] {
  return names.map((name, bone) => {
    if (name.side !== "" || (name.finger === undefined && !IN_HAND.has(name.meaning))) return name;
    for (const above of ancestors(bone, parents)) {
      if (names[above].side !== "") return { ...name, side: names[above].side };
    }
    return name;
  });
}

const IN_HAND = new Set<BoneName["meaning"]>(["hand", "wrist", "palm", "fingers", "fingerBase"]);

const LEG = ["upperLeg", "lowerLeg", "foot", "toes"];
const ARM = ["upperArm", "lowerArm", "hand"];
const ARM_WITH_SHOULDER = ["shoulder", ...ARM];
// Three bones below the pelvis are a leg; fewer may be a pocket.
const LIMB_BONES_MIN = 3;

/**
 * Parts, with limbs that no name told: a chain of three that hangs on the hips is a leg, one that hangs on
 * the trunk above them an arm. Its side is in its names, or else where it rests.
 */
export function partsByHierarchy(
  parts: readonly (BodyPart | undefined)[],
  names: readonly BoneName[],
  parents: Int32Array,
  rest?: ArrayLike<number>,
): (BodyPart | undefined)[] {
  const found = [...parts];
  const hips = parts.indexOf("hips");
  const trunk = ["upperChest", "chest", "spine"].flatMap((part) => {
    const bone = parts.indexOf(part);
    return bone < 0 ? [] : [bone];
  });
  const children = childrenOf(parents);
  const settle = (limb: readonly string[], tops: readonly number[]) => {
    for (const side of ["left", "right"] as const) {
      if (limb.some((part) => found.includes(`${side} ${part}`))) continue;
      for (const top of tops.flatMap((bone) => children[bone])) {
        const chain = chainFrom(top, children, found);
        if (chain.length < LIMB_BONES_MIN || sideOfChain(chain, names, rest) !== side) continue;
        const words = limb === ARM && chain.length > ARM.length ? ARM_WITH_SHOULDER : limb;
        words.forEach((part, at) => {
          if (at < chain.length) found[chain[at]] = `${side} ${part}`;
        });
        break;
      }
    }
  };
  if (hips >= 0) settle(LEG, [hips]);
  settle(ARM, trunk);
  return found;
}

function childrenOf(parents: Int32Array): number[][] {
  const children: number[][] = Array.from(parents, () => []);
  parents.forEach((parent, bone) => parent >= 0 && children[parent].push(bone));
  return children;
}

/** From a bone on down along the longest branch, as far as no bone has a part. */
function chainFrom(
  top: number,
  children: readonly (readonly number[])[],
  parts: readonly (BodyPart | undefined)[],
  seen = new Set<number>(),
): number[] {
  if (parts[top] !== undefined || seen.has(top)) return [];
  seen.add(top);
  const below = children[top].map((child) => chainFrom(child, children, parts, seen));
  return [top, ...below.reduce((a, b) => (b.length > a.length ? b : a), [])];
}

// Nearer to the middle it is a tail or a tie. Of the largest offset.
const ASIDE_MIN = 0.1;

function sideOfChain(
  chain: readonly number[],
  names: readonly BoneName[],
  rest?: ArrayLike<number>,
): Side {
  const said = chain.map((bone) => names[bone].side).find((side) => side !== "");
  if (said !== undefined || rest === undefined) return said ?? "";
  // In metres of glTF, who faces +z has the left at +x.
  const x = rest[chain[0] * TRANSFORM_FLOATS];
  const longest = Math.max(
    ...chain.map((bone) =>
      Math.hypot(...[0, 1, 2].map((axis) => rest[bone * TRANSFORM_FLOATS + axis])),
    ),
  );
  if (Math.abs(x) < longest * ASIDE_MIN) return "";
  return x > 0 ? "left" : "right";
}

function* ancestors(bone: number, parents: Int32Array): Generator<number> {
  let steps = 0;
  for (let up = parents[bone]; up >= 0 && steps < parents.length; up = parents[up], steps++)
    yield up;
}
