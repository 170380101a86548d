// Every refusal over HTTP: a status, and a JSON body that says what was wrong and where.
import { DecodeError, EncodeError } from "../codec/index.ts";
import { HubError } from "../hub/errors.ts";
import type { HubErrorCode } from "../hub/errors.ts";
import type { Answer } from "./answer.ts";

type RefusalAnswer = Required<Answer> & { readonly body: string };

/** Refuses a request. `headers` go with the answer, e.g. Allow with a 405. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The code of an answer where a bug of ours failed the request. */
export const INTERNAL = "internal";

/** Whether the request was refused, rather than failed by a bug of ours. */
export function isRefusal(error: unknown): error is DecodeError | HubError | HttpError {
  return error instanceof DecodeError || error instanceof HubError || error instanceof HttpError;
}

const HUB_STATUS: Readonly<Record<HubErrorCode, number>> = {
  bad_id: 400,
  too_many_rooms: 503,
  room_full: 503,
  player_taken: 409,
};

/** The answer for anything that a handler may throw. Everything but a refusal is our own bug: 500. */
export function errorAnswer(error: unknown): RefusalAnswer {
  if (error instanceof DecodeError) {
    return answer(400, { code: error.code, message: error.message, ...error.place });
  }
  if (error instanceof EncodeError) {
    const { code, path } = error;
    const message = `this frame cannot be given in the requested format: ${error.message}`;
    return answer(406, { code, message, path });
  }
  if (error instanceof HubError) {
    return answer(HUB_STATUS[error.code], { code: error.code, message: error.message });
  }
  if (error instanceof HttpError) {
    return answer(error.status, { code: error.code, message: error.message }, error.headers);
  }
  return answer(500, { code: "internal", message: "the server failed; its log has the error" });
}

/** The code of a refusal, as its answer has it. */
export function codeOf(error: unknown): string {
  return isRefusal(error) || error instanceof EncodeError ? error.code : INTERNAL;
}

/** The answer to what a handler of ours has not caught. */
export function failureResponse(error: unknown): Response {
  const { status, headers, body } = errorAnswer(error);
  return new Response(body, { status, headers });
}

function answer(status: number, error: object, headers: Readonly<Record<string, string>> = {}) {
  return {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers },
    body: JSON.stringify({ error }),
  };
}
