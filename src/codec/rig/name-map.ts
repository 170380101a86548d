// Name map: what an application says of names that no convention tells.

/**
 * A model's name of a bone or blend shape, by the player's: `{ Hips: "bone_17" }`. Of several, a bone drives
 * the first that the model has and a blend shape drives all. An empty list leaves it out.
 */
export interface NameMap {
  readonly [name: string]: string | readonly string[];
}

/** The model's names for one of the player's; undefined where the map says nothing. */
export const mappedNames = (map: NameMap, name: string): readonly string[] | undefined =>
  Object.hasOwn(map, name) ? [map[name]].flat() : undefined;
