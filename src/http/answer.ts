// What a handler gives back: data, from which one place makes the Response for GET and HEAD alike.

/** An answer before CORS headers. `status` is 200 unless given. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
}

/** A JSON answer that no cache keeps. */
export function jsonAnswer(value: unknown, status = 200): Answer {
  return {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
    body: JSON.stringify(value),
  };
}
