// The encodings of one frame that a reader can ask for, and their media types.

/** Names of the encodings in flags, ETags and subprotocols. */
export const FORMATS = ["json", "binary"] as const;
/** `json` or `binary`. */
export type Format = (typeof FORMATS)[number];

/** What a streaming connection can carry: these, and the stream encoding. */
export const STREAM_FORMATS = [...FORMATS, "stream"] as const;
/** `json`, `binary` or `stream`. */
export type StreamFormat = (typeof STREAM_FORMATS)[number];

/** Their names in Content-Type and Accept. */
export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  json: "application/json",
  binary: "application/octet-stream",
};
