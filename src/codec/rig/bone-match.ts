// Bone match: finds the node of a model for each bone of a player, by name or by body part.
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
  /** All nodes of a model. The first is the model itself and matches nothing. */
  readonly nodes: readonly ModelNode[];
  /** Nodes by VRM's or Unity's bone names, if the file contains this table. Otherwise node names decide. */
  readonly humanoid?: ReadonlyMap<string, number> | undefined;
  readonly names?: NameMap | undefined;
}

/**
 * Returns the index of a node for each bone, or -1. The first of these that exists:
 * 1. the node that `names` gives, and no other;
 * 2. a node with exactly this name that is not a mesh;
 * 3. the node that is the same part of a body;
 * 4. a node with this name as GLTFLoader writes it;
 * 5. the only node with this name when case, spaces and punctuation are ignored.
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

/** A model's nodes by body part: by the file's own table, or else by the names of its bones. */
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
 * metacarpal, proximal and distal. Names with an intermediate thumb bone are of the first kind.
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
