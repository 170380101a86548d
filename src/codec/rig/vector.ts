// Vectors: three numbers x, y, z. `out` comes last and may be one of the operands. Without `out` a function
// allocates: pass it in code that runs every frame.

export type Vector = Float64Array<ArrayBuffer>;

export const vector = (x = 0, y = 0, z = 0): Vector => Float64Array.of(x, y, z);

export function add(a: Vector, b: Vector, out: Vector = vector()): Vector {
  for (let axis = 0; axis < 3; axis++) out[axis] = a[axis] + b[axis];
  return out;
}

export function subtract(a: Vector, b: Vector, out: Vector = vector()): Vector {
  for (let axis = 0; axis < 3; axis++) out[axis] = a[axis] - b[axis];
  return out;
}

export function cross(a: Vector, b: Vector, out: Vector = vector()): Vector {
  const [x, y, z] = [
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  ];
  out[0] = x;
  out[1] = y;
  out[2] = z;
  return out;
}

export const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const lengthOf = (a: Vector) => Math.hypot(a[0], a[1], a[2]);

export const distance = (a: Vector, b: Vector) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** Makes the length 1. A vector of length 0 stays as it is. */
export function normalize(a: Vector, out: Vector = vector()): Vector {
  const length = lengthOf(a) || 1;
  for (let axis = 0; axis < 3; axis++) out[axis] = a[axis] / length;
  return out;
}
