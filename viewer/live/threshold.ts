// Threshold: up to which value, or from which value on, a measurement is good.

export interface Threshold {
  readonly value: number;
  /** Which side of the value is good. The value itself is. */
  readonly good: "below" | "above";
}

export type Verdict = "good" | "poor";

export function verdictOf({ value, good }: Threshold, measured: number): Verdict {
  return (good === "below" ? measured <= value : measured >= value) ? "good" : "poor";
}

/** The verdict in words, with the bound. `text` is the threshold's value as people read it. */
export function verdictText({ good }: Threshold, verdict: Verdict, text: string): string {
  if (verdict === "good")
    return good === "below" ? `Good: at most ${text}` : `Good: at least ${text}`;
  return good === "below" ? `Poor: over ${text}` : `Poor: under ${text}`;
}
