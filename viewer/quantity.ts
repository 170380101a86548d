// Quantities as people read them: three digits that count, and a unit.

/** A number as text, and its unit as text. */
export interface Quantity {
  readonly number: string;
  readonly unit: string;
}

const quantity = (number: string, unit: string): Quantity => ({ number, unit });

const wholeNumber = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** `1024` as 1,024. */
export function countText(count: number): string {
  return wholeNumber.format(count);
}

/** `29.94` as 29.9 /s. */
export function rate(perSecond: number): Quantity {
  const isLong = perSecond >= 999.95;
  return quantity(isLong ? countText(perSecond) : perSecond.toFixed(1), "/s");
}

/** `12.34` as 12.3 ms. */
export function milliseconds(ms: number): Quantity {
  return quantity(Math.abs(ms) >= 99.95 ? countText(ms) : ms.toFixed(1), "ms");
}

const BYTE_UNITS = ["B", "KB", "MB", "GB"];

/** Decimal units: `12_024` as 12.0 KB. `per` follows the unit. */
export function byteSize(bytes: number, per = ""): Quantity {
  let value = bytes;
  let step = 0;
  // From 999.5 on, three digits would round to 1000.
  while (value >= 999.5 && step < BYTE_UNITS.length - 1) {
    value /= 1000;
    step++;
  }
  const isWhole = step === 0 || value >= 999.5;
  return quantity(isWhole ? countText(value) : value.toPrecision(3), BYTE_UNITS[step] + per);
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago: `0.031` as 0.03 s, `95` as 1 min. */
export function age(seconds: number): Quantity {
  // From 9.995 on, two decimals would round to 10.00.
  if (seconds < 9.995) return quantity(seconds.toFixed(2), "s");
  if (seconds < MINUTE) return quantity(countText(Math.floor(seconds)), "s");
  if (seconds < HOUR) return quantity(countText(Math.floor(seconds / MINUTE)), "min");
  if (seconds < DAY) return quantity(countText(Math.floor(seconds / HOUR)), "h");
  return quantity(countText(Math.floor(seconds / DAY)), "d");
}

/** A time span in its two largest units: `8_040` as 2 h 14 min. */
export function durationText(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s`;
  if (whole < DAY)
    return `${Math.floor(whole / HOUR)} h ${Math.floor((whole % HOUR) / MINUTE)} min`;
  return `${countText(Math.floor(whole / DAY))} d ${Math.floor((whole % DAY) / HOUR)} h`;
}

/** A quantity as running text: 12.0 KB. */
export function quantityText({ number, unit }: Quantity): string {
  return `${number} ${unit}`;
}
