// How long to wait before the next attempt to connect: exponential backoff with full jitter (AWS
// Architecture Blog, "Exponential Backoff And Jitter"). The whole wait is random, so that a thousand
// clients do not connect at the same moment after a server restarts.

// At once, where the server is there: a person sees no gap. 4 s: all clients are back within 5 s of the
// server, and 2,000 of them make 1,000 attempts a second while it is away.
const FIRST_MS = 100;
const MAX_MS = 4000;

/** Milliseconds before attempt `attempt`, counted from 1. `random` is in 0..1. */
export function backoffMs(attempt: number, random: number): number {
  return random * Math.min(MAX_MS, FIRST_MS * 2 ** (attempt - 1));
}
