// Dispose: frees a model's GPU memory.
import type { Material, Mesh, Object3D, SkinnedMesh } from "three";

/** Frees geometries, materials, textures and bone textures of an object and its descendants. */
export function disposeModel(object: Object3D): void {
  object.traverse((node) => {
    const { geometry, material } = node as Partial<Mesh>;
    geometry?.dispose();
    (node as Partial<SkinnedMesh>).skeleton?.dispose();
    for (const each of material === undefined ? [] : [material].flat()) disposeMaterial(each);
  });
}

function disposeMaterial(material: Material): void {
  const { uniforms = {} } = material as { uniforms?: Record<string, { value: unknown }> };
  const values = [...Object.values(material), ...Object.values(uniforms).map(({ value }) => value)];
  for (const value of values) if (isTexture(value)) value.dispose();
  material.dispose();
}

const isTexture = (value: unknown): value is { dispose(): void } =>
  typeof value === "object" && value !== null && "isTexture" in value;
