// Named rigs: the rigs of docs/names.md, and one recorded motion as each of them would send it. A rig's
// bones are where Mixamo's are; what is between (a second bone of a forearm, a palm) does not move by itself.
import { createPose, TRANSFORM_FLOATS } from "../src/codec/index.ts";
import type { Pose, Skeleton } from "../src/codec/index.ts";
import { boneTree } from "../src/codec/rig/forward-kinematics.ts";
import { Quaternion, Vector3 } from "three";
import { readClipPoses } from "./clip-poses.ts";

export interface RigBone {
  readonly name: string;
  readonly part: string;
  readonly parent: number;
  /** The bone of the recording that this one moves with; undefined: it does not move. */
  readonly source: string | undefined;
}

export interface NamedRig {
  readonly title: string;
  readonly bones: readonly RigBone[];
}

/** The rows of the first table under a heading, as lists of cells. */
export async function tableRows(heading: string): Promise<string[][]> {
  const text = await Bun.file(`${import.meta.dir}/../docs/names.md`).text();
  const section = text.split(/^## /m).find((each) => each.startsWith(heading))!;
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The names in a cell. */
export const namesIn = (cell: string) =>
  Array.from(cell.matchAll(/`([^`]+)`/g), ([, name]) => name.replaceAll("\\|", "|"));

/** `name` = part, as the last column has it. */
export const partsIn = (cell: string) =>
  Array.from(
    cell.matchAll(/`([^`]+)` = ([\w ]+)/g),
    ([, name, part]) => [name, part.trim()] as const,
  );

export async function namedRigs(): Promise<NamedRig[]> {
  return (await tableRows("Bones")).map(rigOf);
}

const SPINES = ["Spine", "Spine1", "Spine2"];
const ARM: Readonly<Record<string, string>> = {
  shoulder: "Shoulder",
  upperArm: "Arm",
  lowerArm: "ForeArm",
  hand: "Hand",
};
const LEG: Readonly<Record<string, string>> = {
  upperLeg: "UpLeg",
  lowerLeg: "Leg",
  foot: "Foot",
  toes: "ToeBase",
};

function rigOf([title, trunk, arm, leg, others]: string[]): NamedRig {
  const bones: RigBone[] = [];
  const add = (name: string, part: string, parent: number, source?: string) =>
    bones.push({ name, part, parent, source }) - 1;
  const extra = partsIn(others);
  const root = extra.find(([, part]) => part === "root");
  const top = root === undefined ? -1 : add(root[0], "root", -1);
  /** Bones that make up one part, each on the one before. */
  const chain = (names: readonly string[], part: string, parent: number, source: string) =>
    names.reduce(
      (on, name, at) => add(name, at === 0 ? part : `${part}+${at}`, on, source),
      parent,
    );

  const [hipNames, spineNames, neckNames, headNames] = trunk.split("·").map(namesIn);
  const pelvis = chain(hipNames, "hips", top, "Hips");
  const isSpineBesideHips = others.includes("the spine hangs on it");
  let spine = isSpineBesideHips || hipNames.length === 0 ? top : pelvis - hipNames.length + 1;
  spineNames.forEach((name, at) => {
    const share = spineNames.length === 1 ? 1 : at / (spineNames.length - 1);
    spine = add(name, spinePart(name, at, spineNames), spine, SPINES[Math.floor(share * 2)]);
  });
  let head = spine;
  neckNames.forEach((name, at) => {
    const isUpper = at > 0 && at === neckNames.length - 1;
    head = add(name, isUpper ? "upperNeck" : "neck", head, "Neck");
  });
  head = chain(headNames, "head", head, "Head");
  for (const [side, Side] of [
    ["left", "Left"],
    ["right", "Right"],
  ] as const) {
    const named = side === "left" ? (name: string) => name : rightOf;
    const inSide = extra.filter(([, part]) => part.startsWith("left "));
    const on = new Map<string, number>();
    for (const [cell, parts, above] of [
      [arm, ARM, spine],
      [leg, LEG, pelvis],
    ] as const) {
      const cells = cell.split("·").map((each) => namesIn(each).map(named));
      const joint = inSide.find(([, part]) => part === "left hipJoint");
      let parent = above;
      if (parts === LEG && joint !== undefined) {
        parent = add(named(joint[0]), `${side} hipJoint`, parent, "Hips");
      }
      Object.entries(parts).forEach(([part, source], at) => {
        parent = chain(cells[at], `${side} ${part}`, parent, Side + source);
        on.set(part, parent);
      });
    }
    for (const [name, part] of inSide) {
      const kind = part.slice("left ".length);
      if (kind === "hipJoint") continue;
      const isOnHead = kind === "eye";
      const finger = kind.split(" ")[0];
      const parent = isOnHead
        ? head
        : on.get(kind === "toesTip" ? "toes" : on.has(finger) ? finger : "hand")!;
      const bone = add(named(name), `${side} ${kind}`, parent, bones[parent].source);
      if (kind.includes(" ") || kind.startsWith("finger")) on.set(finger, bone);
      if (kind === "palm") on.set("fingers", bone);
      if (kind === "fingerBase") on.set("fingers", bone);
    }
  }
  for (const [name, part] of extra) {
    if (part !== "root" && !part.startsWith("left ")) add(name, part, head, "Head");
  }
  return { title, bones };
}

function spinePart(name: string, at: number, names: readonly string[]): string {
  const last = names.length - 1;
  if (last === 0) return /chest|thorax/i.test(name) ? "chest" : "spine";
  const chest = Math.ceil(last / 2);
  if (at < chest) return at === 0 ? "spine" : `spine+${at}`;
  if (at === last && last > chest) return "upperChest";
  return at === chest ? "chest" : `chest+${at - chest}`;
}

/** The same bone on the right: as a rig's own pattern has it. */
export function rightOf(name: string): string {
  for (const [left, right] of [
    [/left/, "right"],
    [/Left/, "Right"],
    [/LEFT/, "RIGHT"],
    [/左/, "右"],
    [/(?<![A-Za-z])L(?![A-Za-z])/, "R"],
    [/(?<![A-Za-z])l(?![A-Za-z])/, "r"],
    [/(?<![A-Za-z])L(?=[A-Z])/, "R"],
    [/^l/, "r"],
  ] as const) {
    if (left.test(name)) return name.replace(left, right);
  }
  throw new Error(`${name} has no side`);
}

const MIXAMO_TRUNK: Readonly<Record<string, string>> = {
  hips: "Hips",
  spine: "Spine",
  chest: "Spine1",
  upperChest: "Spine2",
  neck: "Neck",
  head: "Head",
};

/** What Mixamo calls a part; bones that it does not have keep their own names. */
export function mixamoName({ bones }: NamedRig, { part, name }: RigBone): string {
  // A trunk of nothing but a chest has no bone of Mixamo's.
  if (part === "chest" && !bones.some((bone) => bone.part === "spine")) return "mixamorig:Chest";
  const [side, kind] = part.split(" ");
  const limb = { ...ARM, ...LEG }[kind];
  const inSide = limb && side[0].toUpperCase() + side.slice(1) + limb;
  const word = kind === undefined ? MIXAMO_TRUNK[part] : inSide;
  return word === undefined ? `other_${name}` : `mixamorig:${word}`;
}

export interface Recording {
  readonly skeleton: Skeleton;
  readonly poses: readonly Pose[];
}

/** A dance with Mixamo's names: each second of it. */
export async function readMotion(): Promise<Recording> {
  const path = `${import.meta.dir}/../clips/dcl-dance.30hz`;
  const { skeleton, poses } = await readClipPoses(`${path}.ndjson.gz`);
  const parents = (await Bun.file(`${path}.parents.json`).json()) as Record<string, string | null>;
  return {
    skeleton: { ...skeleton, boneParents: skeleton.boneNames.map((name) => parents[name]) },
    poses: poses.filter((_, index) => index % 30 === 0).map(inMetres),
  };
}

/** The recording has centimetres below hips of scale 0.01. */
function inMetres(pose: Pose): Pose {
  const [, , , , , , , scale] = pose.bones;
  for (let at = TRANSFORM_FLOATS; at < pose.bones.length; at += TRANSFORM_FLOATS) {
    for (let axis = 0; axis < 3; axis++) pose.bones[at + axis] *= scale;
  }
  pose.bones.fill(1, 7, TRANSFORM_FLOATS);
  return pose;
}

export interface Place {
  readonly position: Vector3;
  readonly rotation: Quaternion;
}

/** Where each bone is against the root, by its index. */
export function placesOf(pose: Pose, parents: ArrayLike<number>): Place[] {
  const tree = boneTree(parents);
  const places: Place[] = [];
  for (const bone of tree.order) {
    const position = new Vector3().fromArray(pose.bones, bone * TRANSFORM_FLOATS);
    const rotation = new Quaternion()
      .fromArray(pose.bones, bone * TRANSFORM_FLOATS + 3)
      .normalize();
    const above = places[tree.parents[bone]];
    if (above !== undefined) {
      position.applyQuaternion(above.rotation).add(above.position);
      rotation.premultiply(above.rotation);
    }
    places[bone] = { position, rotation };
  }
  return places;
}

/** What a rig sends of one pose of a recording. */
export function sentBy({ bones }: NamedRig, { skeleton }: Recording, pose: Pose): Pose {
  const index = new Map(skeleton.boneNames.map((name, bone) => [name, bone]));
  const recorded = placesOf(
    pose,
    skeleton.boneParents!.map((name) => index.get(name ?? "") ?? -1),
  );
  const places = bones.map(({ source }) =>
    source === undefined
      ? { position: new Vector3(), rotation: new Quaternion() }
      : recorded[index.get(source)!],
  );
  const sent = createPose({ boneNames: bones.map(({ name }) => name), blendShapeNames: [] });
  sent.root.set(pose.root);
  bones.forEach(({ parent }, bone) => {
    const { position, rotation } = places[bone];
    const above = places[parent];
    const back = above?.rotation.clone().invert() ?? new Quaternion();
    const offset = position
      .clone()
      .sub(above?.position ?? new Vector3())
      .applyQuaternion(back);
    const turned = back.multiply(rotation);
    sent.bones.set([...offset, ...turned, 1, 1, 1], bone * TRANSFORM_FLOATS);
  });
  return sent;
}
