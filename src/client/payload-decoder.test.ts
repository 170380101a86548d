import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { anyFrame, smallFrame } from "../../test/frames.ts";
import { createPose, DecodeError, encodeBinary, encodeJson } from "../codec/index.ts";
import { poseOf, skeletonOf } from "../codec/index.ts";
import { FORMATS } from "../codec/format.ts";
import type { AvatarFrame, Format } from "../codec/index.ts";
import { createPayloadDecoder } from "./payload-decoder.ts";

const KEYFRAME = { isKey: true, number: 0, teleports: 0 };

const encode = (frame: AvatarFrame, format: Format) =>
  format === "json" ? encodeJson(frame) : encodeBinary(frame);

const encodeText = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe.each([...FORMATS])("%s", (format) => {
  test("a frame comes as its skeleton and its pose", () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const { body } = createPayloadDecoder(format).decode(encode(frame, format), KEYFRAME);
        const skeleton = skeletonOf(frame);
        expect(body).toEqual({ skeleton, pose: poseOf(frame, createPose(skeleton)) });
      }),
    );
  });

  test("the skeleton is the same object until a name changes", () => {
    const decoder = createPayloadDecoder(format);
    const first = decoder.decode(encode(smallFrame(1), format), KEYFRAME).body?.skeleton;
    const second = decoder.decode(encode(smallFrame(2), format), KEYFRAME).body;
    expect(second?.skeleton).toBe(first);
    expect(second?.pose.root[0]).toBe(2);
    const renamed = smallFrame(3);
    renamed.bones[1].name = "Heae";
    expect(decoder.decode(encode(renamed, format), KEYFRAME).body?.skeleton.boneNames[1]).toBe(
      "Heae",
    );
    const without = smallFrame(4);
    without.blendShapes = [];
    expect(
      decoder.decode(encode(without, format), KEYFRAME).body?.skeleton.blendShapeNames,
    ).toEqual([]);
  });

  test("after bytes that are no frame the next frame decodes", () => {
    const decoder = createPayloadDecoder(format);
    decoder.decode(encode(smallFrame(1), format), KEYFRAME);
    expect(() => decoder.decode(Uint8Array.of(1, 2, 3), KEYFRAME)).toThrow(DecodeError);
    expect(decoder.decode(encode(smallFrame(2), format), KEYFRAME).body?.pose.root[0]).toBe(2);
  });
});

describe("json", () => {
  test("a parent that changes is another skeleton", () => {
    const decoder = createPayloadDecoder("json");
    const frame = smallFrame(1);
    frame.bones[1].parent = "Hips";
    const first = decoder.decode(encodeJson(frame), KEYFRAME).body?.skeleton;
    expect(first?.boneParents).toEqual([null, "Hips"]);
    expect(decoder.decode(encodeJson(frame), KEYFRAME).body?.skeleton).toBe(first);
    frame.bones[1].parent = null;
    expect(decoder.decode(encodeJson(frame), KEYFRAME).body?.skeleton).not.toBe(first);
  });

  test("a document that is not whole comes as it is, with the place that is missing", () => {
    const decoder = createPayloadDecoder("json");
    const document = { bones: [{ name: "Hips" }], mood: "fine" };
    expect(decoder.decode(encodeText(document), KEYFRAME)).toEqual({
      document,
      incompletePath: "$.bones[0].localPosition",
    });
  });

  test("what the sender adds stays in the document and does not keep the pose from being shown", () => {
    const frame = smallFrame(3);
    const document = {
      ...frame,
      device: "Quest",
      rootTransform: { ...frame.rootTransform, worldPosition: { x: 3, y: 2, z: 3, w: 9 } },
      bones: frame.bones.map((bone) => ({ ...bone, confidence: 1, worldPosition: { x: 1 } })),
      blendShapes: frame.blendShapes.map((shape) => ({ ...shape, side: "left" })),
    };
    const decoded = createPayloadDecoder("json").decode(encodeText(document), KEYFRAME);
    expect(decoded.document).toEqual(document);
    expect(decoded.body).toEqual(
      createPayloadDecoder("json").decode(encodeJson(frame), KEYFRAME).body,
    );
  });
});
