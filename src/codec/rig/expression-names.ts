// Expression names: what VRM 0 called VRM 1's expressions, and which blend shapes of one convention stand
// in for those of another that a model does not have.

/** VRM 0's presets by VRM 1's. */
export const VRM0_NAMES: Readonly<Record<string, string>> = {
  aa: "A",
  ih: "I",
  ou: "U",
  ee: "E",
  oh: "O",
  blinkLeft: "Blink_L",
  blinkRight: "Blink_R",
  happy: "Joy",
  sad: "Sorrow",
  relaxed: "Fun",
};

/** VRM's expressions on ARKit's blend shapes and Oculus visemes (Ready Player Me), and ARKit's on VRM's. */
const STAND_INS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  blink: [["eyeBlinkLeft", "eyeBlinkRight"]],
  blinkLeft: [["eyeBlinkLeft"]],
  blinkRight: [["eyeBlinkRight"]],
  aa: [["viseme_aa"], ["jawOpen"], ["mouthOpen"]],
  ih: [["viseme_I"]],
  ou: [["viseme_U"], ["mouthPucker"]],
  ee: [["viseme_E"]],
  oh: [["viseme_O"], ["mouthFunnel"]],
  happy: [["mouthSmileLeft", "mouthSmileRight"], ["mouthSmile"]],
  sad: [["mouthFrownLeft", "mouthFrownRight"]],
  angry: [["browDownLeft", "browDownRight"]],
  surprised: [["browInnerUp", "browOuterUpLeft", "browOuterUpRight"]],
  lookUp: [["eyeLookUpLeft", "eyeLookUpRight"]],
  lookDown: [["eyeLookDownLeft", "eyeLookDownRight"]],
  lookLeft: [["eyeLookOutLeft", "eyeLookInRight"]],
  lookRight: [["eyeLookInLeft", "eyeLookOutRight"]],
  // Emotions of VRM do more to a face than any of ARKit's: only eyes and mouth go this way.
  eyeBlinkLeft: [["blinkLeft"], ["blink"]],
  eyeBlinkRight: [["blinkRight"], ["blink"]],
  jawOpen: [["aa"], ["viseme_aa"], ["mouthOpen"]],
  mouthPucker: [["ou"], ["viseme_U"]],
  mouthFunnel: [["oh"], ["viseme_O"]],
};

const fold = (name: string) =>
  name
    .slice(name.lastIndexOf(".") + 1)
    .toLowerCase()
    .replaceAll(/[^a-z]/g, "");

const BY_FOLDED_NAME = new Map<string, readonly (readonly string[])[]>();
for (const [name, standIns] of Object.entries(STAND_INS)) {
  BY_FOLDED_NAME.set(fold(name), standIns);
  if (Object.hasOwn(VRM0_NAMES, name)) BY_FOLDED_NAME.set(fold(VRM0_NAMES[name]), standIns);
}

/** Blend shapes that show the same, best first, each choice all at once. */
export function standInsOf(name: string): readonly (readonly string[])[] {
  return BY_FOLDED_NAME.get(fold(name)) ?? [];
}
