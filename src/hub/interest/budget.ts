// What one receiver may be sent: bytes a second, in every second, and more at once when it joins.

export interface BudgetOptions {
  readonly bytesPerSecond: number;
  /** At once, in addition, when the receiver joins: the skeletons of a room. */
  readonly burstBytes: number;
}

/** 150 kB/s: 1.2 Mbit/s, which a phone has. 500 kB: the skeletons of a hundred players. */
export const DEFAULT_BUDGET: BudgetOptions = { bytesPerSecond: 150_000, burstBytes: 500_000 };

// What has been saved up and what comes in during a second are together the budget, so that no second has more.
const SAVED_SHARE = 0.15;
// Kept for what is sent without asking: one message of everybody's place, and control messages.
const KEPT_SHARE = 0.05;
// Players who enter leave this to the frames of those who are in sight.
const KEPT_FROM_ENTERING_SHARE = 0.07;
const PLANNED_SHARE = 0.92;

/** A token bucket of bytes. Whatever is sent is charged when it is sent. */
export class Budget {
  #bytesPerSecond: number;
  #saved: number;
  #savingFor = 0;
  #filledMs: number;

  constructor({ bytesPerSecond, burstBytes }: BudgetOptions, nowMs: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#saved = this.#savedMax + burstBytes;
    this.#filledMs = nowMs;
  }

  /** Another budget from now on. What a larger one would have saved is not there; what a smaller one could not is lost. */
  setBytesPerSecond(bytesPerSecond: number, nowMs: number): void {
    this.refill(nowMs);
    this.#bytesPerSecond = bytesPerSecond;
    this.#saved = Math.min(this.#saved, this.#savedMax);
  }

  /** Bytes a second that can be planned with: some are for players who enter, and for what was not expected. */
  get plannable(): number {
    return PLANNED_SHARE * this.#perSecond;
  }

  /** Bytes that may be sent now. */
  get available(): number {
    return Math.max(0, this.#saved - this.#kept);
  }

  /** Bytes that may be sent now for players who enter sight. */
  get availableForEntering(): number {
    return Math.max(0, this.#saved - this.#keptFromEntering);
  }

  refill(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#filledMs);
    this.#filledMs = nowMs;
    const max = Math.max(this.#savedMax, this.#savingFor);
    // What is left of the burst stays, but is not filled up again.
    if (this.#saved >= max) return;
    this.#saved = Math.min(max, this.#saved + (elapsedMs / 1000) * this.#perSecond);
  }

  /** Something was sent. */
  charge(bytes: number): void {
    this.#saved -= bytes;
  }

  /**
   * Something of this size waits for a budget that never has as much at once: what is left over is saved for it,
   * until the next call. 0: nothing waits.
   */
  saveFor(bytes: number): void {
    this.#savingFor = bytes === 0 ? 0 : bytes + this.#keptFromEntering;
  }

  get #perSecond(): number {
    return (1 - SAVED_SHARE) * this.#bytesPerSecond;
  }

  get #savedMax(): number {
    return SAVED_SHARE * this.#bytesPerSecond;
  }

  get #kept(): number {
    return KEPT_SHARE * this.#bytesPerSecond;
  }

  get #keptFromEntering(): number {
    return KEPT_FROM_ENTERING_SHARE * this.#bytesPerSecond;
  }
}
