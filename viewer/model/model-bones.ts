// Model bones: the model's name of each bone of a player, by the body part that both are.
import { Mesh } from "three";
import type { Object3D } from "three";
import type { VRM } from "@pixiv/three-vrm";
import { bodyPartOf } from "../../src/codec/rig/bone-names.ts";
import type { BodyPart } from "../../src/codec/rig/bone-names.ts";

/** A model's nodes by body part: as a VRM file says itself, else by the names of its bones. */
export function humanoidOf(model: Object3D, vrm: VRM | null): ReadonlyMap<BodyPart, Object3D> {
  const named: (readonly [string, Object3D])[] = [];
  if (vrm === null) {
    const nodes: Object3D[] = [];
    model.traverse((node) => {
      if (!(node instanceof Mesh)) nodes.push(node);
    });
    const bones = nodes.filter((node) => "isBone" in node);
    named.push(...(bones.length > 0 ? bones : nodes).map((node) => [node.name, node] as const));
  } else {
    for (const [bone, { node }] of Object.entries(vrm.humanoid.humanBones))
      named.push([bone, node]);
  }
  const nodes = new Map<BodyPart, Object3D>();
  const partOf = partsByOwnThumbs(named.map(([name]) => name));
  for (const [name, node] of named) {
    const part = partOf(name);
    if (part !== undefined && !nodes.has(part)) nodes.set(part, node);
  }
  return nodes;
}

/** For bindPose: names of bones whose own name the model does not have. */
export function boneNamesIn(
  model: Object3D,
  humanoid: ReadonlyMap<BodyPart, Object3D>,
  boneNames: readonly string[],
): Record<string, string> {
  const names: Record<string, string> = {};
  const partOf = partsByOwnThumbs(boneNames);
  for (const name of boneNames) {
    const own = model.getObjectByName(name);
    const node = humanoid.get(partOf(name) ?? "");
    // A mesh called Head is no bone.
    if (node !== undefined && (own === undefined || own instanceof Mesh)) names[name] = node.name;
  }
  return names;
}

/**
 * Unity and VRM 0 call a thumb's bones proximal, intermediate and distal; VRM 1 calls the same three
 * metacarpal, proximal and distal. Who has an intermediate one means the former.
 */
function partsByOwnThumbs(names: readonly string[]): (name: string) => BodyPart | undefined {
  const isUnity = names.some((name) => bodyPartOf(name)?.endsWith(" thumb intermediate"));
  return (name) => {
    const part = bodyPartOf(name);
    if (!isUnity) return part;
    return part
      ?.replace("thumb proximal", "thumb metacarpal")
      .replace("thumb intermediate", "thumb proximal");
  };
}
