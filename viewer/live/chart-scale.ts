// Chart scale: how high a chart reaches, so that its usual values can be read.

// A spike of a page that starts would press two minutes of usual values to the bottom of the chart.
const USUAL_SHARE = 0.9;
const SPIKE_FACTOR = 3;
const ABOVE_USUAL = 1.5;
// A threshold is worth showing as long as it leaves the values a third of the height.
const THRESHOLD_REACH = 3;

/**
 * The largest value that the chart has to show. Values far above all usual ones are cut off. A `threshold` that is
 * near is in view.
 */
export function scaleMax(values: Iterable<number | null>, threshold: number | null): number {
  const known = Array.from(values).filter((value) => value !== null && Number.isFinite(value));
  const sorted = (known as number[]).toSorted((a, b) => a - b);
  const highest = sorted.at(-1) ?? 0;
  const usual = sorted[Math.floor((sorted.length - 1) * USUAL_SHARE)] ?? 0;
  // Where almost all is 0, the spikes are what the chart is about.
  const hasSpikes = usual > 0 && highest > SPIKE_FACTOR * usual;
  const top = hasSpikes ? ABOVE_USUAL * usual : highest;
  const isNear = threshold !== null && top < threshold && top * THRESHOLD_REACH >= threshold;
  return roundUp(isNear ? threshold : top);
}

/** The next of 2, 5, 10, 20, 50 …: numbers that label an axis well. */
function roundUp(value: number): number {
  if (!(value > 2)) return 2;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}
