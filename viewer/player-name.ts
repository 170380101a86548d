// Player name: the one that the player gives itself, else its id.

// The style sheet cuts long names; this limit keeps the browser from laying out 4 KiB of one in every frame.
const NAME_LENGTH_MAX = 80;

// A name of nothing but spaces or invisible characters is no name.
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

export function playerName({
  id,
  info,
}: {
  readonly id: string;
  readonly info: { readonly displayName?: unknown };
}): string {
  const { displayName } = info;
  if (typeof displayName !== "string" || !VISIBLE.test(displayName)) return id;
  return displayName.slice(0, NAME_LENGTH_MAX);
}
