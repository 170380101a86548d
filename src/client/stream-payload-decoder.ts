// Frames of one player in the stream encoding: each refers to earlier ones, so the decoder remembers.
import type { Pose, Skeleton } from "../codec/index.ts";
import { decodeSkeleton, restPoseOf, StreamDecoder } from "../codec/stream/index.ts";
import type { FrameHeader } from "../protocol/index.ts";
import type { DecodedPayload, PayloadDecoder } from "./payload-decoder.ts";

export class StreamPayloadDecoder implements PayloadDecoder {
  #skeletonBytes = new Uint8Array(0);
  #decoder: StreamDecoder | undefined;
  #posed: { readonly skeleton: Skeleton; readonly pose: Pose } | undefined;

  /** Full state comes with a skeleton each time: one that is known changes nothing. */
  setSkeleton(payload: Uint8Array): void {
    if (this.#decoder !== undefined && isSame(payload, this.#skeletonBytes)) return;
    const stream = decodeSkeleton(payload);
    this.#skeletonBytes = payload.slice();
    this.#decoder = new StreamDecoder(stream);
    this.#posed = { skeleton: stream.skeleton, pose: restPoseOf(stream) };
  }

  decode(payload: Uint8Array, header: FrameHeader): DecodedPayload {
    if (this.#decoder === undefined || this.#posed === undefined)
      return { isReferenceMissing: true };
    const result = this.#decoder.decode(header, payload, this.#posed.pose);
    if (result === "decoded") return { posed: this.#posed };
    // Above layer 0 the next group mends it.
    return { isReferenceMissing: header.layer === 0 };
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
