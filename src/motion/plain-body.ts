// Plain body: the least that draws a person. Names are Mixamo's; it rests in a T pose and faces +z.

/** A bone and its place in its parent, in whole centimetres. +x is the body's left, +y is up. */
export interface PlainBone {
  readonly name: string;
  readonly parent: string | null;
  readonly at: readonly [x: number, y: number, z: number];
}

const bone = (name: string, parent: string | null, ...at: PlainBone["at"]): PlainBone => {
  return { name, parent, at };
};

const side = (name: "Left" | "Right", sign: 1 | -1): PlainBone[] => [
  bone(`${name}Arm`, "Spine1", 17 * sign, 18, 0),
  bone(`${name}ForeArm`, `${name}Arm`, 28 * sign, 0, 0),
  bone(`${name}Hand`, `${name}ForeArm`, 26 * sign, 0, 0),
  bone(`${name}UpLeg`, "Hips", 9 * sign, -4, 0),
  bone(`${name}Leg`, `${name}UpLeg`, 0, -43, 0),
  bone(`${name}Foot`, `${name}Leg`, 0, -42, 0),
  bone(`${name}ToeBase`, `${name}Foot`, 0, -5, 13),
];

/** Parents come before their children. */
export const PLAIN_BODY: readonly PlainBone[] = [
  bone("Hips", null, 0, 95, 0),
  bone("Spine", "Hips", 0, 12, 0),
  bone("Spine1", "Spine", 0, 15, 0),
  bone("Neck", "Spine1", 0, 24, 0),
  bone("Head", "Neck", 0, 10, 0),
  ...side("Left", 1),
  ...side("Right", -1),
];
