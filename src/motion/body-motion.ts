// Body motion: a made-up person who greets, as a function of time. It belongs to nobody, so demos may ship it.
import { createPose, TRANSFORM_FLOATS } from "../codec/index.ts";
import type { Pose, Skeleton } from "../codec/index.ts";
import { FACE_BLEND_SHAPES, faceWeights } from "./face-motion.ts";
import { PLAIN_BODY } from "./plain-body.ts";

/** The plain body with a face. */
export const GREETER_SKELETON: Skeleton = {
  boneNames: PLAIN_BODY.map(({ name }) => name),
  boneParents: PLAIN_BODY.map(({ parent }) => parent),
  blendShapeNames: FACE_BLEND_SHAPES,
};

type Axis = "x" | "y" | "z";
const AXES: readonly Axis[] = ["x", "y", "z"];
const ROTATION_AT = 3;

/** Turns about one axis, degrees, for each bone that moves. `wave` is a sine of a frequency in hertz. */
const TURNS: Readonly<Record<string, readonly [Axis, (wave: (hz: number) => number) => number]>> = {
  Spine: ["z", (wave) => 2 * wave(0.23)],
  Spine1: ["y", (wave) => 4 * wave(0.17)],
  Neck: ["x", (wave) => 3 + 3 * wave(0.31)],
  Head: ["y", (wave) => 12 * wave(0.13)],
  // Arms rest straight out: the left one hangs, the right one waves.
  LeftArm: ["z", (wave) => -72 + 3 * wave(0.25)],
  LeftForeArm: ["y", (wave) => -12 + 4 * wave(0.3)],
  RightArm: ["z", () => 30],
  RightForeArm: ["z", (wave) => -100 + 22 * wave(1.1)],
};

/** A pose for `greet` to write into. */
export function createGreeterPose(): Pose {
  const pose = createPose(GREETER_SKELETON);
  writeTransform([0, 0, 0], pose.root, 0);
  PLAIN_BODY.forEach(({ at }, index) => {
    const metres = at.map((centimetres) => centimetres / 100);
    writeTransform(metres, pose.bones, index * TRANSFORM_FLOATS);
  });
  return pose;
}

/** Writes the greeting body at a moment. Right-handed coordinates (`gltf`), metres. */
export function greet(seconds: number, out: Pose): Pose {
  const wave = (hz: number) => Math.sin(2 * Math.PI * hz * seconds);
  PLAIN_BODY.forEach(({ name }, index) => {
    if (!Object.hasOwn(TURNS, name)) return;
    const [axis, turn] = TURNS[name];
    const half = (turn(wave) * Math.PI) / 360;
    const at = index * TRANSFORM_FLOATS + ROTATION_AT;
    AXES.forEach((each, offset) => (out.bones[at + offset] = each === axis ? Math.sin(half) : 0));
    out.bones[at + 3] = Math.cos(half);
  });
  faceWeights(seconds, out.blendShapes);
  return out;
}

/** Writes a position, no rotation and scale 1. */
function writeTransform(position: readonly number[], out: Float32Array, offset: number): void {
  out.set([...position, 0, 0, 0, 1, 1, 1, 1], offset);
}
