// Bone match: finds the node of a model for each bone of a player, by name or by body part.
import { nameBones } from "./bone-names.ts";
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
  /** The part that each of the player's bones is, where its parents tell more than its names. */
  readonly parts?: readonly (BodyPart | undefined)[] | undefined;
  /** The index of the node above each node; below 0 for none. */
  readonly parents?: Int32Array | undefined;
}

// Two rigs follow one convention if the model has this share of the player's bone names.
const SAME_NAMES_SHARE = 0.9;

/**
 * Returns the index of a node for each bone, or -1. The first of these that exists:
 * 1. the node that `names` gives, and no other;
 * 2. a node with exactly this name that is not a mesh;
 * 3. the node that is the same part of a body;
 * 4. a node with this name as GLTFLoader writes it;
 * 5. the only node with this name when case, spaces and punctuation are ignored.
 *
 * If the player and the model follow different conventions, 3 comes before 2: Poser's `LeftShoulder` is the
 * upper arm, Unity's is the clavicle.
 */
export function matchBones(
  boneNames: readonly string[],
  { nodes, humanoid, names = {}, parts = nameBones(boneNames), parents }: BoneMatchOptions,
): Int32Array {
  const index = new NameIndex<number>();
  nodes.forEach(({ name }, node) => {
    if (node > 0) index.add(name, node);
  });
  const nodeOf = humanoidOf(nodes, humanoid, parents);
  const partOf = new Map(Array.from(nodeOf, ([part, node]) => [node, part]));
  const owns = boneNames.map((name) => {
    const own = nodes.findIndex((node, at) => at > 0 && node.name === name && name !== "");
    return own > 0 && nodes[own].kind !== "mesh" ? own : -1;
  });
  const hasSameNames = owns.filter((own) => own >= 0).length >= boneNames.length * SAME_NAMES_SHARE;
  const named = (name: string) => index.exact(name)?.[0] ?? onlyOne(index.loose(name));
  return Int32Array.from(boneNames, (name, bone) => {
    const mapped = mappedNames(names, name);
    if (mapped !== undefined) return firstOf(mapped, named) ?? -1;
    const [own, part] = [owns[bone], parts[bone]];
    const isOther = (node: number) =>
      part !== undefined && partOf.has(node) && partOf.get(node) !== part;
    if (own >= 0 && (hasSameNames || !isOther(own))) return own;
    const found = nodeOf.get(part ?? "") ?? named(name) ?? -1;
    return isOther(found) ? -1 : found;
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
  parents: Int32Array | undefined,
): ReadonlyMap<BodyPart, number> {
  const hasBones = nodes.some(({ kind }) => kind === "bone");
  const named = humanoid
    ? [...humanoid]
    : nodes.flatMap(({ name, kind }, node) =>
        node > 0 && kind !== "mesh" && (kind === "bone" || !hasBones)
          ? [[name, node] as const]
          : [],
      );
  const names = named.map(([name]) => name);
  const parts =
    humanoid === undefined && parents !== undefined
      ? nameBones(
          names,
          parentsAmong(
            named.map(([, node]) => node),
            parents,
          ),
        )
      : nameBones(names);
  const found = new Map<BodyPart, number>();
  parts.forEach((part, index) => {
    if (part !== undefined && !found.has(part)) found.set(part, named[index][1]);
  });
  return found;
}

/** For each of some nodes the nearest above it that is one of them, as an index into the list. */
function parentsAmong(nodes: readonly number[], parents: Int32Array): Int32Array {
  const indexOf = new Map(nodes.map((node, index) => [node, index]));
  return Int32Array.from(nodes, (node) => {
    let above = parents[node];
    while (above >= 0 && !indexOf.has(above)) above = parents[above];
    return indexOf.get(above) ?? -1;
  });
}
