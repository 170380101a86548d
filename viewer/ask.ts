// Ask: one question to the server, which it answers in JSON.

/** `late`: no whole answer in time; `busy`: the server says that it has too much to do; `failed`: anything else. */
export type AskFailure = "late" | "busy" | "failed";

/** Why a question has no answer. The message is a sentence for people, without its full stop. */
export class AskError extends Error {
  override readonly name = "AskError";
  readonly failure: AskFailure;

  constructor(failure: AskFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/**
 * Asks for the JSON at `path`, which is relative to the page; null for an answer that is no JSON.
 * @throws {AskError} without an answer in `timeoutMs`, or with an answer that is an error.
 */
export async function askJson(path: string, timeoutMs: number): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(path, { cache: "no-store", signal });
    text = await answer.text();
  } catch (cause) {
    // A time-out may come between the headers and the body too.
    const failure = signal.aborted ? "late" : "failed";
    throw new AskError(failure, "The server does not answer", { cause });
  }
  const json = parse(text);
  if (answer.ok) return json;
  const failure = codeOf(json) === "too_many_requests" ? "busy" : "failed";
  throw new AskError(failure, `The server answers ${answer.status}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function codeOf(json: unknown): string | undefined {
  return (json as { error?: { code?: string } } | null)?.error?.code;
}
