// What the parts of a server count while they work. Everything else of /metrics is read when somebody asks.
import { Durations } from "./durations.ts";
import { Tally } from "./tally.ts";

export class ServerMetrics {
  /** Streaming connections that have ended, by close code. */
  readonly closes = new Tally();
  /** Requests that were refused, by the code of the refusal. */
  readonly refusals = new Tally();
  /** Requests that were refused for their address, by quota. */
  readonly quotaRefusals = new Tally();
  readonly tickDuration = new Durations();
  /** How much later than scheduled ticks came. */
  readonly tickLateness = new Durations();
  /** How much later than it should a timer came. */
  readonly eventLoopLag = new Durations();
}
