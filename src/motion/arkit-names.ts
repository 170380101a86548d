// The 52 blend shapes of ARKit, in ARKit's spelling.

const sided = (name: string) => [`${name}Left`, `${name}Right`];

export const ARKIT_BLEND_SHAPES: readonly string[] = [
  ["Blink", "LookDown", "LookIn", "LookOut", "LookUp", "Squint", "Wide"].flatMap((part) =>
    sided(`eye${part}`),
  ),
  ["jawForward", "jawLeft", "jawRight", "jawOpen"],
  ["mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight"],
  ["Smile", "Frown", "Dimple", "Stretch", "Press", "LowerDown", "UpperUp"].flatMap((part) =>
    sided(`mouth${part}`),
  ),
  ["mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"],
  [...sided("browDown"), "browInnerUp", ...sided("browOuterUp")],
  ["cheekPuff", ...sided("cheekSquint"), ...sided("noseSneer"), "tongueOut"],
].flat();
