// Limb mesh: all limbs of one figure as one instanced mesh of tapered capsules.
//
// A matrix would flatten the ends of a capsule that it stretches. So the shader builds each capsule: a
// vertex knows its normal and its end of the capsule, an instance its two radii and its length.
import {
  CapsuleGeometry,
  DynamicDrawUsage,
  Float32BufferAttribute,
  InstancedBufferAttribute,
  InstancedMesh,
  MeshDepthMaterial,
  MeshStandardMaterial,
  RGBADepthPacking,
} from "three";
import type { BufferGeometry, Color, Material } from "three";

// A crowd of 20 with all fingers has 1,300 limbs: only a few bodies can be smooth.
const DETAILS = {
  near: { capSegments: 4, radialSegments: 12 },
  far: { capSegments: 2, radialSegments: 7 },
} as const;
/** How smooth limbs are. */
export type Detail = keyof typeof DETAILS;

export class LimbMesh {
  readonly mesh: InstancedMesh;
  readonly #sizes: InstancedBufferAttribute;
  readonly #materials: readonly Material[];

  constructor(count: number, color: Color, detail: Detail) {
    const geometry = capsuleGeometry(detail);
    this.#sizes = new InstancedBufferAttribute(new Float32Array(count * 3), 3);
    this.#sizes.setUsage(DynamicDrawUsage);
    geometry.setAttribute("limbSize", this.#sizes);
    const material = withLimbs(new MeshStandardMaterial({ color, roughness: 0.62 }));
    const depth = withLimbs(new MeshDepthMaterial({ depthPacking: RGBADepthPacking }));
    this.#materials = [material, depth];
    this.mesh = new InstancedMesh(geometry, material, count);
    this.mesh.instanceMatrix.setUsage(DynamicDrawUsage);
    this.mesh.customDepthMaterial = depth;
    this.mesh.castShadow = true;
    this.mesh.receiveShadow = true;
    // Its bounds are not those of the geometry.
    this.mesh.frustumCulled = false;
  }

  /** 16 floats a limb, written by `writeLimb`. */
  get matrices(): Float32Array {
    return this.mesh.instanceMatrix.array as Float32Array;
  }

  setSize(index: number, fromRadius: number, toRadius: number, length: number): void {
    const { array } = this.#sizes;
    array[index * 3] = fromRadius;
    array[index * 3 + 1] = toRadius;
    array[index * 3 + 2] = length;
  }

  set detail(detail: Detail) {
    const geometry = capsuleGeometry(detail);
    geometry.setAttribute("limbSize", this.#sizes);
    this.mesh.geometry.deleteAttribute("limbSize");
    this.mesh.geometry.dispose();
    this.mesh.geometry = geometry;
  }

  /** Draws what was written since the last time. */
  commit(): void {
    this.mesh.instanceMatrix.needsUpdate = true;
    this.#sizes.needsUpdate = true;
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    for (const material of this.#materials) material.dispose();
    this.mesh.dispose();
  }
}

/**
 * Writes the matrix of a limb that begins at `origin` and goes along a direction of unit length: y is
 * along the limb, x as near to `side` as can be, `width` and `depth` scale x and z.
 */
export function writeLimb(
  origin: ArrayLike<number>,
  along: ArrayLike<number>,
  side: ArrayLike<number>,
  width: number,
  depth: number,
  out: Float32Array,
  at: number,
): void {
  const yx = along[0];
  const yy = along[1];
  const yz = along[2];
  let dot = yx * side[0] + yy * side[1] + yz * side[2];
  let xx = side[0] - dot * yx;
  let xy = side[1] - dot * yy;
  let xz = side[2] - dot * yz;
  let squared = xx * xx + xy * xy + xz * xz;
  if (squared < 1e-4) {
    // The limb is parallel to `side`: any other axis will do.
    dot = yz;
    xx = -dot * yx;
    xy = -dot * yy;
    xz = 1 - dot * yz;
    squared = xx * xx + xy * xy + xz * xz;
  }
  const scale = 1 / Math.sqrt(squared);
  xx *= scale;
  xy *= scale;
  xz *= scale;
  out[at] = xx * width;
  out[at + 1] = xy * width;
  out[at + 2] = xz * width;
  out[at + 4] = yx;
  out[at + 5] = yy;
  out[at + 6] = yz;
  out[at + 8] = (xy * yz - xz * yy) * depth;
  out[at + 9] = (xz * yx - xx * yz) * depth;
  out[at + 10] = (xx * yy - xy * yx) * depth;
  out[at + 12] = origin[0];
  out[at + 13] = origin[1];
  out[at + 14] = origin[2];
  out[at + 15] = 1;
}

function capsuleGeometry(detail: Detail): BufferGeometry {
  const { capSegments, radialSegments } = DETAILS[detail];
  const geometry = new CapsuleGeometry(1, 1, capSegments, radialSegments);
  const positions = geometry.getAttribute("position");
  const ends = Array.from({ length: positions.count }, (_, index) =>
    positions.getY(index) > 0 ? 1 : 0,
  );
  geometry.setAttribute("limbEnd", new Float32BufferAttribute(ends, 1));
  return geometry;
}

function withLimbs<M extends Material>(material: M): M {
  material.onBeforeCompile = (shader) => {
    shader.vertexShader =
      `attribute float limbEnd;\nattribute vec3 limbSize;\n${shader.vertexShader}`.replace(
        "#include <begin_vertex>",
        // In a capsule of radius 1 the normal is the way from the middle of the end.
        `float limbRadius = mix(limbSize.x, limbSize.y, limbEnd);
      vec3 transformed = normal * limbRadius + vec3(0.0, limbEnd * limbSize.z, 0.0);`,
      );
  };
  material.customProgramCacheKey = () => "limbs";
  return material;
}
