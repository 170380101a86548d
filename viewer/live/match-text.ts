// Match text: which of a player's bones and blend shapes a worn model has, in words.
import type { AvatarMatch } from "../../src/three/index.ts";
import { countText } from "../quantity.ts";

const NAMES_MAX = 100;
const GUESSED =
  "Its rest pose differs from the player's: limbs point the right way, but how trunk, head, hands and " +
  "feet are turned is a guess. To correct it, hold a T pose (upright, arms straight out, palms down) " +
  "and press “Match rest pose”.";

/** Which parts of a player's skeleton the model has. */
export function matchText(fileName: string, match: AvatarMatch): string {
  const { boneCount, missingBones, blendShapeCount, missingBlendShapes, fit } = match;
  const parts = [
    `${fileName}: ${boneCount - missingBones.length} of ${boneCount} bones found`,
    blendShapeCount === 0
      ? ""
      : `, ${blendShapeCount - missingBlendShapes.length} of ${blendShapeCount} blend shapes`,
    ".",
    missingBones.length === 0 ? "" : ` Not in the model: ${listText(missingBones)}.`,
    missingBlendShapes.length === 0
      ? ""
      : ` Blend shapes not in the model: ${listText(missingBlendShapes)}.`,
    fit === "guessed" ? ` ${GUESSED}` : fit === "matched" ? " Its rest pose is matched." : "",
  ];
  return parts.join("");
}

/** Whether the model is turned by the player's rest pose, so that matching it again may help. */
export const isRetargeted = (fit: AvatarMatch["fit"] | undefined) =>
  fit === "guessed" || fit === "known" || fit === "matched";

/** Lists all names of a usual skeleton, but not the 64 KB of an unusual one. */
function listText(names: readonly string[]): string {
  const more = names.length - NAMES_MAX;
  const listed = names.slice(0, NAMES_MAX).join(", ");
  return more > 0 ? `${listed} and ${countText(more)} more` : listed;
}
