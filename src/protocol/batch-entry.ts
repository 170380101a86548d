// A batch: type:u8 sequence:u32 serverTime:f64 Entry*, in ascending order of player indices.
//
//   Entry      = indexStep:varint (Frame | Skeleton | OutOfSight)
//   Frame      = head:u8 number:u8 revision:varint? age:varint length:varint payload
//   Skeleton   = head:u8 id:8 bytes length:varint payload       no payload: the receiver holds it
//   OutOfSight = head:u8
//
// Everything after `indexStep` is the same for all receivers.

/** The low 4 bits of an entry's head. */
export const EntryKind = { Skeleton: 1, Frame: 2, OutOfSight: 3 } as const;
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind];

export const KIND_MASK = 0x0f;
export const ENTRY_KEY_FLAG = 0x10;
/** The revision follows. Else it is the last one that was taken, and the difference of the numbers. */
export const ENTRY_REVISION_FLAG = 0x20;
export const ENTRY_TELEPORTS_SHIFT = 6;

export const BATCH_HEADER_BYTES = 13;
export const FULL_STATE_FLAG = 0x10;
export const SKELETON_ID_BYTES = 8;

/** Varints have at most 5 bytes: 35 bits are more than a revision of 90 Hz needs in ten years. */
export const VARINT_MAX = 2 ** 35 - 1;

/** Ages are sent in this unit. 2 bytes hold 0.8 s of it. */
export const AGE_UNIT_US = 100;
const AGE_MAX = Math.floor(VARINT_MAX / 2);

/** The batch's time minus the capture time, as it is sent: zigzag-coded, because a capture may be later. */
export function ageCodeOf(serverTimeUs: number, captureTimeUs: number): number {
  const age = Math.round((serverTimeUs - captureTimeUs) / AGE_UNIT_US);
  // Older than 19 days: so old that nothing depends on it.
  const bounded = Math.min(AGE_MAX, Math.max(-AGE_MAX, age));
  return bounded < 0 ? -2 * bounded - 1 : 2 * bounded;
}

/** The capture time by an age's code. */
export function captureTimeUsOf(serverTimeUs: number, ageCode: number): number {
  // Not bit operations: a code may have 35 bits.
  const age = ageCode % 2 === 1 ? -(ageCode + 1) / 2 : ageCode / 2;
  return serverTimeUs - age * AGE_UNIT_US;
}

/**
 * The revision of a frame whose entry does not say it: as far from the last one that was taken as their numbers
 * are, which wrap at 256.
 */
export function revisionByNumber(
  last: { readonly revision: number; readonly number: number },
  number: number,
): number {
  return last.revision + (((number - last.number) << 24) >> 24);
}
