// Stand-ins: simple upright figures for players whose bodies are not known or not worth drawing. However many there are,
// they are one draw call.
//
//   const standIns = new StandIns();
//   scene.add(standIns.object);
//   standIns.begin();                        // each time you draw; nothing is allocated but for more of them
//   for (…) standIns.add(place, color);
//   standIns.commit();
import {
  BufferGeometry,
  CapsuleGeometry,
  DynamicDrawUsage,
  Float32BufferAttribute,
  InstancedBufferAttribute,
  InstancedMesh,
  MeshStandardMaterial,
  SphereGeometry,
} from "three";
import type { Color } from "three";
import type { Place } from "../client/index.ts";

/** One part of the figure: metres, from the floor, facing +z. */
interface Part {
  readonly at: readonly [x: number, y: number, z: number];
  readonly radius: number;
  /** Between the middles of the ends of a capsule. 0: a ball. */
  readonly lengthM: number;
  /** Of x and z. */
  readonly scale?: readonly [x: number, z: number];
  /** Times the player's color. The head is lighter, the eyes are nearly black. */
  readonly shade: number;
}

// The default body at rest with its arms down, 1.72 m tall.
const SIDES = [-1, 1] as const;
const PARTS: readonly Part[] = [
  { at: [0, 1.17, 0], radius: 0.14, lengthM: 0.36, scale: [1.36, 0.88], shade: 1 },
  { at: [0, 1.6, 0.02], radius: 0.12, lengthM: 0, scale: [0.9, 1], shade: 1.5 },
  ...SIDES.flatMap((side): Part[] => [
    { at: [0.1 * side, 0.48, 0], radius: 0.075, lengthM: 0.8, shade: 1 },
    { at: [0.25 * side, 1.08, 0], radius: 0.05, lengthM: 0.54, shade: 1 },
    { at: [0.045 * side, 1.62, 0.125], radius: 0.017, lengthM: 0, shade: 0.1 },
  ]),
];

// 300 triangles a figure: a thousand are fewer than twenty bodies of full detail.
const CAP_SEGMENTS = 1;
const RADIAL_SEGMENTS = 6;
const COUNT_MIN = 64;
const MATRIX_FLOATS = 16;

/** Simple figures in one instanced mesh. Add `object` to the scene. */
export class StandIns {
  readonly object: InstancedMesh;
  #count = 0;
  #capacity = COUNT_MIN;
  #areColorsNew = false;

  constructor() {
    const material = new MeshStandardMaterial({ roughness: 0.62, vertexColors: true });
    this.object = new InstancedMesh(figureGeometry(), material, COUNT_MIN);
    this.object.count = 0;
    this.object.visible = false;
    // Its bounds are not those of the geometry.
    this.object.frustumCulled = false;
    this.object.receiveShadow = true;
    this.#allocate(COUNT_MIN);
  }

  /** How many were added since `begin`. */
  get count(): number {
    return this.#count;
  }

  /** Begins again with nobody. */
  begin(): void {
    this.#count = 0;
  }

  /** Adds a figure at a place, turned as it says, in the parent's coordinates. */
  add({ position, headingRadians }: Place, color: Color): void {
    if (this.#count === this.#capacity) this.#allocate(2 * this.#capacity);
    const matrices = this.object.instanceMatrix.array;
    const at = this.#count * MATRIX_FLOATS;
    const cosine = Math.cos(headingRadians);
    const sine = Math.sin(headingRadians);
    matrices[at] = matrices[at + 10] = cosine;
    matrices[at + 2] = -sine;
    matrices[at + 8] = sine;
    matrices[at + 5] = matrices[at + 15] = 1;
    for (let axis = 0; axis < 3; axis++) matrices[at + 12 + axis] = position[axis];
    const colors = this.object.instanceColor!.array;
    const colorAt = this.#count * 3;
    const { r, g, b } = color;
    // Of f32, as the array has them.
    if (
      colors[colorAt] !== Math.fround(r) ||
      colors[colorAt + 1] !== Math.fround(g) ||
      colors[colorAt + 2] !== Math.fround(b)
    ) {
      color.toArray(colors, colorAt);
      this.#areColorsNew = true;
    }
    this.#count++;
  }

  /** Draws those that were added since `begin`. */
  commit(): void {
    const { object } = this;
    object.count = this.#count;
    object.visible = this.#count > 0;
    object.instanceMatrix.needsUpdate = true;
    if (this.#areColorsNew) object.instanceColor!.needsUpdate = true;
    this.#areColorsNew = false;
  }

  dispose(): void {
    this.object.removeFromParent();
    this.object.geometry.dispose();
    (this.object.material as MeshStandardMaterial).dispose();
    this.object.dispose();
  }

  #allocate(capacity: number): void {
    const { object } = this;
    const before = { matrices: object.instanceMatrix.array, colors: object.instanceColor?.array };
    // Frees the buffers of the graphics. three.js makes new ones.
    object.dispose();
    const matrices = new Float32Array(capacity * MATRIX_FLOATS);
    const colors = new Float32Array(capacity * 3);
    matrices.set(before.matrices);
    if (before.colors !== undefined) colors.set(before.colors);
    object.instanceMatrix = new InstancedBufferAttribute(matrices, MATRIX_FLOATS);
    object.instanceMatrix.setUsage(DynamicDrawUsage);
    object.instanceColor = new InstancedBufferAttribute(colors, 3);
    this.#capacity = capacity;
    this.#areColorsNew = true;
  }
}

/** All parts as one geometry with a color a vertex. */
function figureGeometry(): BufferGeometry {
  const positions: number[] = [];
  const normals: number[] = [];
  const colors: number[] = [];
  const indices: number[] = [];
  for (const { at, radius, lengthM, scale = [1, 1], shade } of PARTS) {
    const part =
      lengthM > 0
        ? new CapsuleGeometry(radius, lengthM, CAP_SEGMENTS, RADIAL_SEGMENTS)
        : new SphereGeometry(radius, RADIAL_SEGMENTS, RADIAL_SEGMENTS);
    part.scale(scale[0], 1, scale[1]).translate(...at);
    const first = positions.length / 3;
    for (const index of part.getIndex()!.array) indices.push(first + index);
    positions.push(...part.getAttribute("position").array);
    normals.push(...part.getAttribute("normal").array);
    for (let count = part.getAttribute("position").count * 3; count > 0; count--) {
      colors.push(shade);
    }
  }
  const geometry = new BufferGeometry();
  geometry.setIndex(indices);
  geometry.setAttribute("position", new Float32BufferAttribute(positions, 3));
  geometry.setAttribute("normal", new Float32BufferAttribute(normals, 3));
  geometry.setAttribute("color", new Float32BufferAttribute(colors, 3));
  return geometry;
}
