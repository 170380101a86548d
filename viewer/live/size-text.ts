// Size text: says of a body of an impossible size how tall it is, and which unit its sender probably has.
import { countText } from "../quantity.ts";

const TALL_M = 5;
const SMALL_M = 0.05;
// Fewer bones may be a hand or a face alone.
const BODY_BONES_MIN = 5;
// From a child to a giant of a game.
const PERSON_M = [0.9, 3] as const;
const UNITS = [
  ["centimetres", 0.01],
  ["millimetres", 0.001],
  ["inches", 0.0254],
] as const;

/** A sentence; null for a body of a possible size. `heightM` is null of what is no body. */
export function sizeText(name: string, heightM: number | null, boneCount: number): string | null {
  if (heightM === null) return null;
  if (heightM > TALL_M) {
    const tall = `${name} is ${countText(Math.round(heightM))} m tall: positions are in metres`;
    const unit = UNITS.find(([, metres]) => isPerson(heightM * metres));
    if (unit === undefined) return `${tall}.`;
    return `${tall}, and these look like ${unit[0]}. Multiply them by ${unit[1]}.`;
  }
  if (heightM < SMALL_M && boneCount >= BODY_BONES_MIN) {
    const small = `${name} is ${Number((heightM * 100).toFixed(1))} cm tall`;
    return heightM === 0
      ? `${small}: its scale or all its positions are 0.`
      : `${small}: positions are in metres, and are scaled once only.`;
  }
  return null;
}

const isPerson = (heightM: number) => heightM > PERSON_M[0] && heightM < PERSON_M[1];
