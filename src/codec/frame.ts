// What a frame is: as an object (AvatarFrame), and as a constant Skeleton with a changing Pose.
//
//   const skeleton = skeletonOf(frame);
//   const pose = createPose(skeleton);    // the skeleton at rest
//   poseOf(frame, pose);                  // flat numbers, nothing allocated
//   frameOf(skeleton, pose);              // the same frame again, exact to f32

/** A position or a scale. Positions are metres. */
export interface Vector3 {
  x: number;
  y: number;
  z: number;
}

/** A rotation as the client sent it: never normalised by the JSON and binary formats. */
export interface Quaternion {
  x: number;
  y: number;
  z: number;
  w: number;
}

/** One bone relative to its parent. */
export interface Bone {
  name: string;
  localPosition: Vector3;
  localRotation: Quaternion;
  localScale: Vector3;
  /** The parent bone's name, null for a root. JSON only: it belongs to the skeleton, not the pose. */
  parent?: string | null;
}

/** One facial blend shape. Weights are usually 0..1; Unity's are 0..100. */
export interface BlendShape {
  name: string;
  weight: number;
}

/** The state of one avatar at one instant. */
export interface AvatarFrame {
  rootTransform: {
    worldPosition: Vector3;
    worldRotation: Quaternion;
    localScale: Vector3;
  };
  bones: Bone[];
  blendShapes: BlendShape[];
  /** The client's clock when the frame was captured, Unix seconds. */
  timestamp: number;
  /** The server's clock when the frame arrived, Unix seconds; 0 from a client. */
  server_timestamp: number;
}

/**
 * The constant part of a player's frames. A skeleton is a value: never change its arrays, make
 * another one.
 */
export interface Skeleton {
  readonly boneNames: readonly string[];
  /** Each bone's parent by name, null for a root. Absent where the source did not say. */
  readonly boneParents?: readonly (string | null)[];
  readonly blendShapeNames: readonly string[];
  /** Rest of each bone: position xyz, rotation xyzw, scale xyz; 10 floats a bone. Absent where the source has none. */
  readonly rest?: Float32Array<ArrayBuffer>;
}

/** Floats of one transform: position xyz, rotation xyzw, scale xyz. */
export const TRANSFORM_FLOATS = 10;

/** The changing part of a frame as flat numbers, ordered by its skeleton. */
export interface Pose {
  /** Root: position xyz, rotation xyzw, scale xyz. Length 10. */
  readonly root: Float32Array<ArrayBuffer>;
  /** Bone after bone, each as the root. Length 10 x bones. */
  readonly bones: Float32Array<ArrayBuffer>;
  /** Weights. Length = blend shapes. */
  readonly blendShapes: Float32Array<ArrayBuffer>;
  timestamp: number;
  server_timestamp: number;
}

/** A pose with the skeleton that it is a pose of. */
export interface SkeletonPose {
  readonly skeleton: Skeleton;
  readonly pose: Pose;
}

/** The frame of a slot that nobody has written: at the origin, no bones, both timestamps 0. */
export function identityFrame(): AvatarFrame {
  return {
    rootTransform: {
      worldPosition: { x: 0, y: 0, z: 0 },
      worldRotation: { x: 0, y: 0, z: 0, w: 1 },
      localScale: { x: 1, y: 1, z: 1 },
    },
    bones: [],
    blendShapes: [],
    timestamp: 0,
    server_timestamp: 0,
  };
}

/**
 * A new pose: the skeleton at rest. The root is at the origin, without rotation, of scale 1. Bones are as in
 * `skeleton.rest`, or, where it is absent, at 0 without rotation and of scale 1. Weights and times are 0.
 * @throws {RangeError} for a `rest` that does not have 10 floats a bone.
 */
export function createPose(skeleton: Skeleton): Pose {
  const pose = createBlankPose(skeleton);
  writeIdentities(pose.root);
  const { rest } = skeleton;
  if (rest === undefined) writeIdentities(pose.bones);
  else {
    checkRest(skeleton);
    pose.bones.set(rest);
  }
  return pose;
}

/** A pose of zeros, which is no body: for callers that write every number of it. */
export function createBlankPose(skeleton: Skeleton): Pose {
  return {
    root: new Float32Array(TRANSFORM_FLOATS),
    bones: new Float32Array(TRANSFORM_FLOATS * skeleton.boneNames.length),
    blendShapes: new Float32Array(skeleton.blendShapeNames.length),
    timestamp: 0,
    server_timestamp: 0,
  };
}

/** Whether a pose has as many bones and blend shapes as this skeleton. */
export function hasPoseSize({ root, bones, blendShapes }: Pose, skeleton: Skeleton): boolean {
  return (
    root.length === TRANSFORM_FLOATS &&
    bones.length === TRANSFORM_FLOATS * skeleton.boneNames.length &&
    blendShapes.length === skeleton.blendShapeNames.length
  );
}

/** @throws {RangeError} naming both counts if a pose has not as many bones and blend shapes as this skeleton. */
export function checkPoseSize(pose: Pose, skeleton: Skeleton): void {
  if (hasPoseSize(pose, skeleton)) return;
  throw wrongSize(pose, skeleton.boneNames.length, skeleton.blendShapeNames.length);
}

/** @throws {RangeError} naming both counts if two poses have not as many bones and blend shapes. */
export function checkSamePoseSize(pose: Pose, other: Pose): void {
  if (
    pose.root.length === other.root.length &&
    pose.bones.length === other.bones.length &&
    pose.blendShapes.length === other.blendShapes.length
  ) {
    return;
  }
  throw wrongSize(pose, other.bones.length / TRANSFORM_FLOATS, other.blendShapes.length);
}

function wrongSize(pose: Pose, boneCount: number, blendShapeCount: number): RangeError {
  const bones = pose.bones.length / TRANSFORM_FLOATS;
  return new RangeError(
    `the pose has ${bones} bones and ${pose.blendShapes.length} blend shapes; ` +
      `expected ${boneCount} and ${blendShapeCount}`,
  );
}

/** @throws {RangeError} for a `rest` that does not have 10 floats a bone. */
export function checkRest({ rest, boneNames }: Skeleton): void {
  const expected = TRANSFORM_FLOATS * boneNames.length;
  if (rest === undefined || rest.length === expected) return;
  throw new RangeError(
    `the rest has ${rest.length} numbers; expected ${expected} for ${boneNames.length} bones`,
  );
}

function writeIdentities(out: Float32Array): void {
  for (let at = 0; at < out.length; at += TRANSFORM_FLOATS) {
    out[at + 6] = 1;
    out.fill(1, at + 7, at + 10);
  }
}

/** The constant part of a frame. Parents are kept if any bone names one. */
export function skeletonOf(frame: AvatarFrame): Skeleton {
  const skeleton = {
    boneNames: frame.bones.map((bone) => bone.name),
    blendShapeNames: frame.blendShapes.map((shape) => shape.name),
  };
  if (!frame.bones.some((bone) => bone.parent !== undefined)) return skeleton;
  return { ...skeleton, boneParents: frame.bones.map((bone) => bone.parent ?? null) };
}

/**
 * Whether two skeletons have the same content: the same bones, parents and blend shapes in the same
 * order, and the same rest. One whose rest differs is another skeleton, because receivers fit their
 * models to the rest; so is one that has a rest where the other has none.
 */
export function isSameSkeleton(a: Skeleton, b: Skeleton): boolean {
  return (
    a === b ||
    (isSameList(a.boneNames, b.boneNames) &&
      isSameList(a.blendShapeNames, b.blendShapeNames) &&
      isSameList(a.boneParents ?? [], b.boneParents ?? []) &&
      isSameRest(a.rest, b.rest))
  );
}

function isSameList(a: readonly (string | null)[], b: readonly (string | null)[]): boolean {
  return a === b || (a.length === b.length && a.every((name, index) => name === b[index]));
}

function isSameRest(a: Float32Array | undefined, b: Float32Array | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every((value, index) => value === b[index]);
}

/**
 * Writes the changing part of `frame` into `out`.
 * @throws {RangeError} if `out` has another number of bones or blend shapes than the frame.
 */
export function poseOf(frame: AvatarFrame, out: Pose): Pose {
  const { bones, blendShapes } = frame;
  if (
    out.bones.length !== TRANSFORM_FLOATS * bones.length ||
    out.blendShapes.length !== blendShapes.length
  ) {
    throw wrongSize(out, bones.length, blendShapes.length);
  }
  const { worldPosition, worldRotation, localScale } = frame.rootTransform;
  writeTransform(worldPosition, worldRotation, localScale, out.root, 0);
  bones.forEach((bone, index) => {
    const at = index * TRANSFORM_FLOATS;
    writeTransform(bone.localPosition, bone.localRotation, bone.localScale, out.bones, at);
  });
  blendShapes.forEach((shape, index) => (out.blendShapes[index] = shape.weight));
  out.timestamp = frame.timestamp;
  out.server_timestamp = frame.server_timestamp;
  return out;
}

/**
 * The frame of a skeleton and its pose. Each number is a short decimal that is the pose's f32 again, so
 * 0.1 reads 0.1 and not 0.10000000149011612.
 * @throws {RangeError} if the pose has another number of bones or blend shapes than the skeleton.
 */
export function frameOf(skeleton: Skeleton, pose: Pose): AvatarFrame {
  checkPoseSize(pose, skeleton);
  return {
    rootTransform: {
      worldPosition: readVector(pose.root, 0),
      worldRotation: readQuaternion(pose.root, 3),
      localScale: readVector(pose.root, 7),
    },
    bones: skeleton.boneNames.map((name, index) => {
      const at = index * TRANSFORM_FLOATS;
      const bone: Bone = {
        name,
        localPosition: readVector(pose.bones, at),
        localRotation: readQuaternion(pose.bones, at + 3),
        localScale: readVector(pose.bones, at + 7),
      };
      const parents = skeleton.boneParents;
      if (parents !== undefined) bone.parent = parents[index] ?? null;
      return bone;
    }),
    blendShapes: skeleton.blendShapeNames.map((name, index) => ({
      name,
      weight: shortDecimal(pose.blendShapes[index]),
    })),
    timestamp: pose.timestamp,
    server_timestamp: pose.server_timestamp,
  };
}

function writeTransform(
  position: Vector3,
  rotation: Quaternion,
  scale: Vector3,
  out: Float32Array,
  at: number,
): void {
  out[at] = position.x;
  out[at + 1] = position.y;
  out[at + 2] = position.z;
  out[at + 3] = rotation.x;
  out[at + 4] = rotation.y;
  out[at + 5] = rotation.z;
  out[at + 6] = rotation.w;
  out[at + 7] = scale.x;
  out[at + 8] = scale.y;
  out[at + 9] = scale.z;
}

function readVector(values: Float32Array, at: number): Vector3 {
  return {
    x: shortDecimal(values[at]),
    y: shortDecimal(values[at + 1]),
    z: shortDecimal(values[at + 2]),
  };
}

function readQuaternion(values: Float32Array, at: number): Quaternion {
  return {
    x: shortDecimal(values[at]),
    y: shortDecimal(values[at + 1]),
    z: shortDecimal(values[at + 2]),
    w: shortDecimal(values[at + 3]),
  };
}

/** A double of few digits that rounds to the f32 `value`, sign of zero included: 0.1, not 0.10000000149. */
export function shortDecimal(value: number): number {
  // Most sources print 6 digits, or 6 decimals: two multiplications find those. Any two f32 differ
  // within 9 significant digits, so the loop always ends.
  const size = Math.abs(value);
  const scale = size < 1 ? 1e6 : size < 10 ? 1e5 : size < 100 ? 1e4 : 1e3;
  const short = Math.round(value * scale) / scale;
  if (Object.is(Math.fround(short), value)) return short;
  const longer = Math.round(value * scale * 10) / (scale * 10);
  if (Object.is(Math.fround(longer), value)) return longer;
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(candidate), value)) return candidate;
  }
  return Number(value.toPrecision(9));
}
