// Frames for tests: a small one for assertions, and a generator of all frames that binary can hold.
import fc from "fast-check";
import { identityFrame } from "../src/codec/index.ts";
import type { AvatarFrame } from "../src/codec/index.ts";

/** A small frame with something in every field. `x` tells frames apart. */
export function smallFrame(x = 1): AvatarFrame {
  return {
    rootTransform: {
      worldPosition: { x, y: 2, z: 3 },
      worldRotation: { x: 0, y: 0.6, z: 0, w: 0.8 },
      localScale: { x: 1, y: 1, z: 1 },
    },
    bones: ["Hips", "Head"].map((name, index) => ({
      name,
      localPosition: { x: index, y: 0.5, z: -0.25 },
      localRotation: { x: 0, y: 0, z: 0, w: 1 },
      localScale: { x: 1, y: 1, z: 1 },
    })),
    blendShapes: [{ name: "jawOpen", weight: 0.75 }],
    timestamp: 1234567890.125,
    server_timestamp: 0,
  };
}

const number = fc.float({ noNaN: true, noDefaultInfinity: true });
const seconds = fc.double({ noNaN: true, noDefaultInfinity: true });
const vector = fc.record({ x: number, y: number, z: number }, { noNullPrototype: true });
const quaternion = fc.record(
  { x: number, y: number, z: number, w: number },
  { noNullPrototype: true },
);
const nameText = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((text) => !text.includes("\0") && new TextEncoder().encode(text).length <= 64);
const names = fc.uniqueArray(nameText, { maxLength: 8 });

/** Any frame whose numbers are f32 and whose names the binary format can hold. */
export const anyFrame: fc.Arbitrary<AvatarFrame> = fc
  .record(
    {
      root: fc.record(
        { worldPosition: vector, worldRotation: quaternion, localScale: vector },
        { noNullPrototype: true },
      ),
      boneNames: names,
      shapeNames: names,
      transforms: fc.array(fc.tuple(vector, quaternion, vector), { minLength: 8, maxLength: 8 }),
      weights: fc.array(number, { minLength: 8, maxLength: 8 }),
      timestamp: seconds,
      server_timestamp: seconds,
    },
    { noNullPrototype: true },
  )
  .map(({ root, boneNames, shapeNames, transforms, weights, timestamp, server_timestamp }) =>
    // JSON has no -0 of its own: JSON.stringify writes 0.
    withoutNegativeZero({
      ...identityFrame(),
      rootTransform: root,
      bones: boneNames.map((name, index) => {
        const [localPosition, localRotation, localScale] = transforms[index];
        return { name, localPosition, localRotation, localScale };
      }),
      blendShapes: shapeNames.map((name, index) => ({ name, weight: weights[index] })),
      timestamp,
      server_timestamp,
    }),
  );

function withoutNegativeZero(frame: AvatarFrame): AvatarFrame {
  return JSON.parse(JSON.stringify(frame)) as AvatarFrame;
}
