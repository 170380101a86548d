// Match text: what a worn model has of a player's bones and blend shapes, in words.
import type { AvatarMatch } from "../../src/three/index.ts";
import { countText } from "../quantity.ts";

const NAMES_MAX = 100;
const GUESSED =
  "Its bones rest differently from the player's: limbs point the right way, but how trunk, head, hands " +
  "and feet are turned is a guess. Stand upright, arms straight out, palms down, and press " +
  "“Match rest pose”.";

/** What of a player's skeleton the model of this file has. */
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

/** Whether a model is turned by what is known of the player's rest pose, which may be said anew. */
export const isRetargeted = (fit: AvatarMatch["fit"] | undefined) =>
  fit === "guessed" || fit === "known" || fit === "matched";

/** All names of a usual skeleton, and not the 64 KB that there may be of an unusual one. */
function listText(names: readonly string[]): string {
  const more = names.length - NAMES_MAX;
  const listed = names.slice(0, NAMES_MAX).join(", ");
  return more > 0 ? `${listed} and ${countText(more)} more` : listed;
}
