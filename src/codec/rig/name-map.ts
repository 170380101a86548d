// Name map: names that an application maps itself, because they follow no convention.

/**
 * From a player's name of a bone or blend shape to the model's: `{ Hips: "bone_17" }`. With a list, a bone drives
 * the first that the model has, and a blend shape drives all. An empty list leaves the bone or blend shape out.
 */
export interface NameMap {
  readonly [name: string]: string | readonly string[];
}

/** The model's names for a player's name, or undefined if the map has no entry. */
export const mappedNames = (map: NameMap, name: string): readonly string[] | undefined =>
  Object.hasOwn(map, name) ? [map[name]].flat() : undefined;
