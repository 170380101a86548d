// How long to wait before the next attempt to connect: exponential backoff with full jitter (AWS
// Architecture Blog, "Exponential Backoff And Jitter"). The whole wait is random, so that a thousand
// clients do not connect at the same moment after a server restarts.

const FIRST_MS = 250;
const MAX_MS = 10_000;

/** Milliseconds before attempt `attempt`, counted from 1. `random` is in 0..1. */
export function backoffMs(attempt: number, random: number): number {
  return random * Math.min(MAX_MS, FIRST_MS * 2 ** (attempt - 1));
}
