// Bone match: the node of a model for each bone of a player, by name or by the body part that both are.
import { bodyPartOf } from "./bone-names.ts";
import type { BodyPart } from "./bone-names.ts";
import { NameIndex } from "./name-index.ts";
import { mappedNames } from "./name-map.ts";
import type { NameMap } from "./name-map.ts";

export interface ModelNode {
  readonly name: string;
  readonly kind: "bone" | "mesh" | "other";
}

export interface BoneMatchOptions {
  /** All of a model's nodes; the first is the model itself, which is no bone. */
  readonly nodes: readonly ModelNode[];
  /** Nodes by the names of VRM or Unity, where a file says itself which bones it has. */
  readonly humanoid?: ReadonlyMap<string, number> | undefined;
  readonly names?: NameMap | undefined;
}

/**
 * The index of a node for each bone; -1 for none. A bone is, in this order: the node that `names` says; one of
 * the very name, but no mesh; the one that is the same part of a body; one of the same name as GLTFLoader writes
 * it, or regardless of case, spaces and signs where just one is left.
 */
export function matchBones(
  boneNames: readonly string[],
  { nodes, humanoid, names = {} }: BoneMatchOptions,
): Int32Array {
  const index = new NameIndex<number>();
  nodes.forEach(({ name }, node) => {
    if (node > 0) index.add(name, node);
  });
  const parts = humanoidOf(nodes, humanoid);
  const partOf = partsByOwnThumbs(boneNames);
  const named = (name: string) => index.exact(name)?.[0] ?? onlyOne(index.loose(name));
  return Int32Array.from(boneNames, (name) => {
    const mapped = mappedNames(names, name);
    if (mapped !== undefined) return firstOf(mapped, named) ?? -1;
    const own = nodes.findIndex((node, at) => at > 0 && node.name === name && name !== "");
    if (own > 0 && nodes[own].kind !== "mesh") return own;
    return parts.get(partOf(name) ?? "") ?? named(name) ?? -1;
  });
}

function firstOf(
  names: readonly string[],
  find: (name: string) => number | undefined,
): number | undefined {
  for (const name of names) {
    const found = find(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

const onlyOne = <Value>(values: readonly Value[] | undefined) =>
  values?.length === 1 ? values[0] : undefined;

/** A model's nodes by body part: as its file says itself, else by the names of its bones. */
function humanoidOf(
  nodes: readonly ModelNode[],
  humanoid: ReadonlyMap<string, number> | undefined,
): ReadonlyMap<BodyPart, number> {
  const hasBones = nodes.some(({ kind }) => kind === "bone");
  const named = humanoid
    ? [...humanoid]
    : nodes.flatMap(({ name, kind }, node) =>
        node > 0 && kind !== "mesh" && (kind === "bone" || !hasBones)
          ? [[name, node] as const]
          : [],
      );
  const found = new Map<BodyPart, number>();
  const partOf = partsByOwnThumbs(named.map(([name]) => name));
  for (const [name, node] of named) {
    const part = partOf(name);
    if (part !== undefined && !found.has(part)) found.set(part, node);
  }
  return found;
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
