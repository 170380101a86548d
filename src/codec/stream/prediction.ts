// How a number is predicted from the motion before it, and how its energy weighs what is known. Found by
// experiment on clips/; part of the format, as tables.ts is. One entry a mode: phase 0 to 3, blind, key.

/** 64ths of the motion from the frame before the reference to the reference that go on. */
export const PREDICTION = {
  rotation: [26, 10, 16, 29, 0, 0],
  offset: [26, 10, 16, 29, 0, 0],
  weight: [13, 6, 13, 19, 0, 0],
} as const;

/**
 * 64ths of each number's share in the energy. Of a rotation's components a, b and c, by the sizes of:
 * a: own motion, the others' motion, the residuals of the transform before;
 * b: own motion, the others', a's residual, the transform before;
 * c: own motion, the others', b's residual, a's, the transform before.
 * Of an offset: own motion, the other axes', the residuals of the axes before.
 * Of a weight: own motion, the residual of the weight before, of the one before that.
 */
export const ENERGY_WEIGHTS = {
  rotation: [
    Int32Array.of(45, 16, 8, 27, 10, 35, 8, 27, 10, 21, 21, 8),
    Int32Array.of(16, 6, 8, 10, 3, 35, 8, 10, 3, 21, 21, 8),
    Int32Array.of(27, 10, 8, 16, 6, 35, 8, 16, 6, 21, 21, 8),
    Int32Array.of(27, 10, 8, 16, 6, 35, 8, 16, 6, 21, 21, 8),
    Int32Array.of(0, 0, 16, 0, 0, 45, 10, 0, 0, 28, 28, 8),
    Int32Array.of(0, 0, 16, 0, 0, 45, 10, 0, 0, 28, 28, 8),
  ],
  offset: [
    Int32Array.of(64, 16, 16),
    Int32Array.of(26, 6, 16),
    Int32Array.of(38, 10, 16),
    Int32Array.of(38, 10, 16),
    Int32Array.of(0, 0, 32),
    Int32Array.of(0, 0, 32),
  ],
  weight: [
    Int32Array.of(45, 13, 6),
    Int32Array.of(18, 13, 6),
    Int32Array.of(27, 13, 6),
    Int32Array.of(27, 13, 6),
    Int32Array.of(0, 40, 20),
    Int32Array.of(0, 40, 20),
  ],
} as const;
