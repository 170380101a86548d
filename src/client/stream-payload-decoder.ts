// Decodes one player's frames in the stream encoding. Frames refer to earlier ones, so the decoder keeps those.
import { DecodeError, isSameSkeleton } from "../codec/index.ts";
import type { SkeletonPose } from "../codec/index.ts";
import { layerOf, restPoseOf, StreamDecoder } from "../codec/stream/index.ts";
import type { FrameMark } from "../protocol/index.ts";
import type { DecodedPayload, PayloadDecoder } from "./decoded-payload.ts";
import type { ReceivedSkeleton } from "./skeleton-store.ts";

export class StreamPayloadDecoder implements PayloadDecoder {
  #skeletonId: bigint | undefined;
  // Undefined while no skeleton is known; the error of one that does not decode.
  #decoder: StreamDecoder | DecodeError | undefined;
  #body: SkeletonPose | undefined;

  /** Every full state names the skeleton. A known skeleton changes nothing. */
  setSkeleton(id: bigint, stream: ReceivedSkeleton): void {
    if (id === this.#skeletonId) return;
    this.#skeletonId = id;
    if (stream instanceof DecodeError) {
      this.#decoder = stream;
      return;
    }
    this.#decoder = new StreamDecoder(stream);
    // A stream that begins again may differ only in the root's rest, which is not the skeleton's.
    const known = this.#body?.skeleton;
    const isKnown = known !== undefined && isSameSkeleton(known, stream.skeleton);
    this.#body = { skeleton: isKnown ? known : stream.skeleton, pose: restPoseOf(stream) };
  }

  forgetSkeleton(): void {
    this.#skeletonId = undefined;
    this.#decoder = undefined;
  }

  decode(payload: Uint8Array, mark: Readonly<FrameMark>): DecodedPayload {
    if (this.#decoder instanceof DecodeError) throw this.#decoder;
    if (this.#decoder === undefined || this.#body === undefined)
      return { isReferenceMissing: true };
    const result = this.#decoder.decode(mark, payload, this.#body.pose);
    if (result === "decoded") return { body: this.#body };
    // Above layer 0 the next group decodes again.
    return { isReferenceMissing: layerOf(mark.number) === 0 };
  }
}
