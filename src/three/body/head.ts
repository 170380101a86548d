// Head: shows where a player looks and what its face does: eyes, brows, nose and mouth.
import {
  BufferGeometry,
  CapsuleGeometry,
  Color,
  DynamicDrawUsage,
  Float32BufferAttribute,
  Group,
  Mesh,
  MeshStandardMaterial,
  SphereGeometry,
} from "three";
import { mergeGeometries } from "three/addons/utils/BufferGeometryUtils.js";
import { restExpression } from "../../codec/rig/expression.ts";
import type { Expression } from "../../codec/rig/expression.ts";

// Half axes of a head of a body of 1.7 m, metres; local axes: x to the left, y up, z forward.
const WIDTH = 0.074;
const HEIGHT = 0.11;
const DEPTH = 0.092;

const EYE_X = 0.031;
const EYE_Y = 0.014;
const BROW_Y = 0.041;
const MOUTH_Y = -0.052;
const MOUTH_COLUMNS = 14;

/** How far the ellipsoid's surface is in front of its middle. */
function surface(x: number, y: number): number {
  return DEPTH * Math.sqrt(Math.max(0, 1 - (x / WIDTH) ** 2 - (y / HEIGHT) ** 2));
}

export class Head {
  /** Its axes: x to the left, y up, z forward. */
  readonly group = new Group();
  readonly #skin: MeshStandardMaterial;
  readonly #ink = new MeshStandardMaterial({ color: "#1c1a24", roughness: 0.35 });
  readonly #geometries: BufferGeometry[] = [];
  readonly #eyes: readonly [Mesh, Mesh];
  readonly #brows: readonly [Mesh, Mesh];
  readonly #mouth: Mesh;

  /** Without blend shapes that move them there are no brows and no mouth. */
  constructor(color: Color, isExpressive: boolean) {
    this.#skin = new MeshStandardMaterial({
      color: color.clone().lerp(new Color("#ffffff"), 0.4),
      roughness: 0.6,
    });
    const skin = this.#mesh(skullGeometry(), this.#skin);
    skin.castShadow = true;
    skin.receiveShadow = true;
    const eye = new SphereGeometry(1, 12, 8);
    const brow = new CapsuleGeometry(0.0042, 0.026, 3, 8).rotateZ(Math.PI / 2);
    this.#eyes = [this.#mesh(eye, this.#ink), this.#mesh(eye, this.#ink)];
    this.#brows = [this.#mesh(brow, this.#ink), this.#mesh(brow, this.#ink)];
    this.#mouth = this.#mesh(mouthGeometry(), this.#ink);
    this.#mouth.frustumCulled = false;
    for (const each of [...this.#brows, this.#mouth]) each.visible = isExpressive;
    this.express(restExpression());
  }

  express(face: Expression): void {
    const { jaw, smile, pucker } = face;
    for (const [index, side] of [
      [0, 1],
      [1, -1],
    ] as const) {
      const closed = index === 0 ? face.blinkLeft : face.blinkRight;
      const raised = index === 0 ? face.browLeft : face.browRight;
      const eye = this.#eyes[index];
      eye.position.set(side * EYE_X, EYE_Y, surface(EYE_X, EYE_Y) - 0.001);
      eye.rotation.y = side * 0.42;
      eye.scale.set(0.0125, 0.0175 * (1 - 0.88 * Math.min(1, closed)), 0.006);
      const browY = BROW_Y + raised * 0.012;
      const brow = this.#brows[index];
      brow.position.set(side * EYE_X, browY, surface(EYE_X, browY));
      brow.rotation.set(-0.3, side * 0.42, side * (raised < 0 ? -0.35 * raised : -0.12 * raised));
    }
    const positions = this.#mouth.geometry.getAttribute("position") as Float32BufferAttribute;
    const halfWidth = 0.027 * (1 + 0.28 * smile) * (1 - 0.55 * pucker);
    const open = 0.0035 + 0.032 * jaw + 0.006 * pucker;
    for (let column = 0; column <= MOUTH_COLUMNS; column++) {
      const along = (2 * column) / MOUTH_COLUMNS - 1;
      const x = along * halfWidth;
      // Corners go up in a smile, the middle stays.
      const line = MOUTH_Y + 0.018 * smile * (along * along - 0.35);
      const lens = Math.sqrt(Math.max(0, 1 - along ** 2));
      const upper = line + open * 0.3 * lens;
      const lower = line - open * 0.85 * lens;
      positions.setXYZ(column * 2, x, upper, surface(x, upper) + 0.0015);
      positions.setXYZ(column * 2 + 1, x, lower, surface(x, lower) + 0.0015);
    }
    positions.needsUpdate = true;
  }

  dispose(): void {
    for (const geometry of this.#geometries) geometry.dispose();
    this.#skin.dispose();
    this.#ink.dispose();
  }

  #mesh(geometry: BufferGeometry, material: MeshStandardMaterial): Mesh {
    this.#geometries.push(geometry);
    const mesh = new Mesh(geometry, material);
    this.group.add(mesh);
    return mesh;
  }
}

/** The middle of the head above its bone, metres of a body of 1.7 m. */
export const HEAD_ABOVE_BONE = 0.085;
export const HEAD_FORWARD = 0.018;

/** Skull, nose and ears: one mesh, drawn at once. */
function skullGeometry(): BufferGeometry {
  const skull = new SphereGeometry(1, 24, 16).scale(WIDTH, HEIGHT, DEPTH);
  const nose = new CapsuleGeometry(0.0095, 0.02, 3, 8).rotateX(-0.35);
  nose.translate(0, -0.016, surface(0, -0.016) + 0.002);
  // Without ears a head from behind is a ball.
  const ears = [-1, 1].map((side) =>
    new SphereGeometry(1, 10, 8)
      .scale(0.012, 0.026, 0.017)
      .translate(side * WIDTH * 0.98, 0, -0.006),
  );
  return mergeGeometries([skull, nose, ...ears]);
}

function mouthGeometry(): BufferGeometry {
  const geometry = new BufferGeometry();
  const vertexCount = (MOUTH_COLUMNS + 1) * 2;
  const positions = new Float32BufferAttribute(new Float32Array(vertexCount * 3), 3);
  positions.setUsage(DynamicDrawUsage);
  geometry.setAttribute("position", positions);
  const normals = Array.from({ length: vertexCount }, () => [0, 0, 1]).flat();
  geometry.setAttribute("normal", new Float32BufferAttribute(normals, 3));
  const indices: number[] = [];
  for (let column = 0; column < MOUTH_COLUMNS; column++) {
    const at = column * 2;
    indices.push(at, at + 1, at + 2, at + 1, at + 3, at + 2);
  }
  geometry.setIndex(indices);
  return geometry;
}
