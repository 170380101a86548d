// Decodes one player's frames in the stream encoding. Frames refer to earlier ones, so the decoder keeps those.
import { isSameSkeleton } from "../codec/index.ts";
import type { SkeletonPose } from "../codec/index.ts";
import { decodeSkeleton, layerOf, restPoseOf, StreamDecoder } from "../codec/stream/index.ts";
import type { FrameMark } from "../protocol/index.ts";
import type { DecodedPayload, PayloadDecoder } from "./decoded-payload.ts";

export class StreamPayloadDecoder implements PayloadDecoder {
  #skeletonBytes = new Uint8Array(0);
  #decoder: StreamDecoder | undefined;
  #body: SkeletonPose | undefined;

  /** Every full state repeats the skeleton. A known skeleton changes nothing. */
  setSkeleton(payload: Uint8Array): void {
    if (this.#decoder !== undefined && isSame(payload, this.#skeletonBytes)) return;
    const stream = decodeSkeleton(payload);
    this.#skeletonBytes = payload.slice();
    this.#decoder = new StreamDecoder(stream);
    // A stream that begins again may differ only in the root's rest, which is not the skeleton's.
    const known = this.#body?.skeleton;
    const isKnown = known !== undefined && isSameSkeleton(known, stream.skeleton);
    this.#body = { skeleton: isKnown ? known : stream.skeleton, pose: restPoseOf(stream) };
  }

  forgetSkeleton(): void {
    this.#decoder = undefined;
  }

  decode(payload: Uint8Array, mark: Readonly<FrameMark>): DecodedPayload {
    if (this.#decoder === undefined || this.#body === undefined)
      return { isReferenceMissing: true };
    const result = this.#decoder.decode(mark, payload, this.#body.pose);
    if (result === "decoded") return { body: this.#body };
    // Above layer 0 the next group decodes again.
    return { isReferenceMissing: layerOf(mark.number) === 0 };
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
