// What a player is called: by itself if it says, else by its id.

// Longer names are cut by the page's style; this keeps 4 KiB of one from being laid out every frame.
const NAME_LENGTH_MAX = 80;

// Spaces and signs of no width name nobody.
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
