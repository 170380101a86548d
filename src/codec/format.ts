// The encodings of one frame that a reader can ask for, and their media types.

/** Names of the encodings, as flags, ETags and subprotocols spell them. */
export const FORMATS = ["json", "binary"] as const;
/** `json` or `binary`. */
export type Format = (typeof FORMATS)[number];

/** What a streaming connection can carry: those, and the stream encoding. */
export const STREAM_FORMATS = [...FORMATS, "stream"] as const;
/** `json`, `binary` or `stream`. */
export type StreamFormat = (typeof STREAM_FORMATS)[number];

/** What Content-Type and Accept call them. */
export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  json: "application/json",
  binary: "application/octet-stream",
};
