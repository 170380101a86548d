// Mistakes that somebody plausibly makes who writes a reader of the stream encoding, each as a patch of ours.
// test/stream-mutants.test.ts checks that a vector fails for each.

/** A mistake: `from`, which `file` of src/codec has exactly once, becomes `to`. */
export interface Mutant {
  /** The rule that the reader breaks. */
  readonly rule: string;
  /** What the reader does. */
  readonly mistake: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Rules that say nothing of a reader: [E7], [E9], [E29] and [E31] to [E36] tell a writer what to write. That a reader
 * accepts what another writer chooses is [E12] and [E27].
 */
export const STREAM_MUTANTS: readonly Mutant[] = [
  mutant("E1", "has another number among the thresholds", "stream/models.ts", [
    "  11, 14, 18, 23,",
    "  11, 14, 19, 23,",
  ]),
  // Layers and references
  mutant("E2", "takes number mod 4 = 1 for layer 1", "stream/references.ts", [
    "[0, 2, 1, 2]",
    "[0, 1, 2, 2]",
  ]),
  mutant("E2", "does not wrap numbers at 256", "stream/references.ts", [
    "(number - this.#layer0Number) & 0xff",
    "number - this.#layer0Number",
  ]),
  mutant("E3", "refers from number mod 4 = 3 to layer 0", "stream/references.ts", [
    "resolved.reference = this.#layer1;",
    "resolved.reference = this.#layer0;",
  ]),
  mutant(
    "E3",
    "takes the motion of number mod 4 = 3 from the group before",
    "stream/references.ts",
    ["resolved.before = this.#layer0;", "resolved.before = this.#layer0Before;"],
  ),
  mutant("E3", "forgets the frame before R at each layer-0 frame", "stream/references.ts", [
    "this.#hasBefore = !isKey;",
    "this.#hasBefore = false;",
  ]),
  mutant("E3", "takes the motion across a keyframe", "stream/references.ts", [
    "this.#hasBefore = !isKey;",
    "this.#hasBefore = true;",
  ]),
  mutant("E3", "is blind only on layer 0", "stream/references.ts", [
    "resolved.mode = this.#hasBefore ?",
    "resolved.mode = this.#hasBefore || phase !== 0 ?",
  ]),
  mutant("E3", "uses the mode of layer 1 on the first frame of layer 2", "stream/references.ts", [
    "(phase as Mode)",
    "((phase === 1 ? 2 : phase) as Mode)",
  ]),
  mutant("E4", "decodes by a frame of layer 1 of an earlier group", "stream/references.ts", [
    "this.#hasLayer1 = false;\n        break;",
    "break;",
  ]),
  mutant("E4", "decodes by whatever frame of layer 0 it has", "stream/references.ts", [
    "if (distance !== (phase === 0 ? 4 : phase)) return null;",
    "",
  ]),
  mutant("E4", "decodes the last of a group by layer 1 of whatever group", "stream/references.ts", [
    "distance !== 3 || !this.#hasLayer1",
    "!this.#hasLayer1",
  ]),
  mutant("E4", "keeps its references after a gap on layer 0", "stream/stream-decoder.ts", [
    "if (layerOf(header.number) === 0) references.clear();",
    "",
  ]),
  mutant("E4", "forgets its references after a gap on any layer", "stream/stream-decoder.ts", [
    "if (layerOf(header.number) === 0) references.clear();",
    "references.clear();",
  ]),
  mutant("E4", "accepts a keyframe on any layer", "stream/stream-decoder.ts", [
    "if (!isKey || layer === 0) return;",
    "if (layer < 3) return;",
  ]),
  mutant("E4", "looks for the reference before it checks the header", "stream/stream-decoder.ts", [
    "    checkHeader(header);\n    const references = this.#references;",
    "    const references = this.#references;\n    if (references.layer0 !== null) checkHeader(header);",
  ]),
  mutant("E4", "keeps a broken keyframe", "stream/stream-decoder.ts", [
    "if (header.isKey) {\n",
    "if (header.isKey) {\n      references.keep(header);\n      references.next = state;\n",
  ]),
  mutant("E4", "forgets its references at a broken frame", "stream/stream-decoder.ts", [
    "      const { mode, reference, before } = resolved;\n",
    `      const { mode, reference, before } = resolved;
      references.clear();\n`,
  ]),
  // Quantised state
  mutant("E5", "gives all transforms the root's rotation step", "stream/rotation.ts", [
    "const step = rotationSteps[transform];",
    "const step = rotationSteps[0];",
  ]),
  mutant("E5", "gives scales the step of positions", "stream/dequantize.ts", [
    "skeleton.scaleSteps[transform]",
    "skeleton.positionSteps[transform]",
  ]),
  mutant("E6", "multiplies the turn by the rest", "stream/rotation.ts", [
    "restY * z - restZ * y;",
    "restZ * y - restY * z;",
  ]),
  mutant("E6", "adds up what w loses", "stream/rotation.ts", [
    "restW * w - restX * x",
    "restW * w + restX * x",
  ]),
  mutant("E6", "does not divide the rest by its length", "rig/quaternion.ts", [
    "return set(x / length, y / length, z / length, w / length, out);",
    "return set(x, y, z, w, out);",
  ]),
  mutant("E6", "turns a rest to w >= 0", "rig/quaternion.ts", [
    "return set(x / length, y / length, z / length, w / length, out);",
    "const s = w < 0 ? -length : length;\n  return set(x / s, y / s, z / s, w / s, out);",
  ]),
  mutant("E6", "divides by the length of four zeros", "rig/quaternion.ts", [
    "if (length === 0) return set(0, 0, 0, 1, out);",
    "",
  ]),
  mutant("E8", "does not divide the square by 4", "stream/rotation.ts", [
    "Math.sqrt(1 - square / 4)",
    "Math.sqrt(1 - square)",
  ]),
  mutant("E8", "takes the numbers for half the sine of the angle", "stream/rotation.ts", [
    "const w = 1 - square / 2;",
    "const w = Math.sqrt(1 - square / 4);",
  ]),
  mutant("E8", "stops at half a turn", "stream/rotation.ts", [
    "const w = 1 - square / 2;",
    "const w = Math.max(0, 1 - square / 2);",
  ]),
  mutant("E8", "rounds the numbers to f32 too early", "stream/rotation.ts", [
    "const a = rotations[at] * step;",
    "const a = Math.fround(Math.fround(rotations[at] * step) * Math.fround(Math.SQRT2)) / Math.SQRT2;",
  ]),
  mutant("E10", "adds 0 steps to a rest of -0", "stream/dequantize.ts", [
    "= decodedRest[restAt + index];",
    "= decodedRest[restAt + index] + 0;",
  ]),
  mutant("E10", "adds 0 steps of one axis to a rest of -0", "stream/dequantize.ts", [
    "if (count !== 0) values[at + axis] +=",
    "values[at + axis] +=",
  ]),
  mutant("E10", "counts from zero instead of the rest", "stream/dequantize.ts", [
    "values[at + axis] += count * step",
    "values[at + axis] = count * step",
  ]),
  mutant("E11", "divides weights by 256", "stream/stream-skeleton.ts", [
    "WEIGHT_STEPS_WHOLE = 255",
    "WEIGHT_STEPS_WHOLE = 256",
  ]),
  mutant("E11", "clamps weights to 0 and the weight scale", "stream/dequantize.ts", [
    "(weights[shape] * weightScale) / WEIGHT_STEPS_WHOLE",
    "(Math.max(0, Math.min(255, weights[shape])) * weightScale) / WEIGHT_STEPS_WHOLE",
  ]),
  mutant("E11", "divides the scale before it multiplies, in f32", "stream/dequantize.ts", [
    "(weights[shape] * weightScale) / WEIGHT_STEPS_WHOLE",
    "weights[shape] * Math.fround(weightScale / WEIGHT_STEPS_WHOLE)",
  ]),
  // What a delta codes
  mutant("E12", "takes a still frame for one at rest", "stream/state-coder.ts", [
    "copyState(reference, state);",
    "copyState(skeleton.restState, state);",
  ]),
  mutant("E12", "refuses a state that is R's", "stream/state-coder.ts", [
    "codeState(coder, skeleton, mode, state, reference, before);\n}\n\n/** Codes a keyframe",
    `codeState(coder, skeleton, mode, state, reference, before);
  if (JSON.stringify(state) === JSON.stringify(reference)) throw beyond(coder, "a still frame");
}

/** Codes a keyframe`,
  ]),
  mutant("E12", "refuses one that leaves its rest by 0", "stream/state-coder.ts", [
    "        if (isLeaving) {\n          codeOffset(coder, startSet, mode, values, reference, before, at);",
    `        if (isLeaving) {
          codeOffset(coder, startSet, mode, values, reference, before, at);
          if ((values[at] | values[at + 1] | values[at + 2]) === 0) throw beyond(coder, "a rest");`,
  ]),
  mutant("E12", "refuses one that moves by 0", "stream/state-coder.ts", [
    "        if (coder.symbol(FlagTable.Moves, moves ? 1 : 0) === 1) {\n          codeOffset(coder, startSet, mode, values, reference, before, at);",
    `        if (coder.symbol(FlagTable.Moves, moves ? 1 : 0) === 1) {
          codeOffset(coder, startSet, mode, values, reference, before, at);
          if (isSame(values, reference, at)) throw beyond(coder, "no motion");`,
  ]),
  mutant("E26", "reads scales before positions", "stream/state-coder.ts", [
    `  codeOffsets(coder, mode, state.positions, reference.positions, before.positions, first, end);
  codeOffsets(coder, mode, state.scales, reference.scales, before.scales, first, end);`,
    `  codeOffsets(coder, mode, state.scales, reference.scales, before.scales, first, end);
  codeOffsets(coder, mode, state.positions, reference.positions, before.positions, first, end);`,
  ]),
  mutant("E26", "reads all transforms as one", "stream/state-coder.ts", [
    `  codeTransforms(coder, skeleton, mode, state, reference, before, 0, 1);
  codeTransforms(coder, skeleton, mode, state, reference, before, 1, skeleton.transformCount);`,
    "  codeTransforms(coder, skeleton, mode, state, reference, before, 0, skeleton.transformCount);",
  ]),
  mutant("E26", "reads bone after bone", "stream/state-coder.ts", [
    "  codeTransforms(coder, skeleton, mode, state, reference, before, 1, skeleton.transformCount);",
    `  for (let bone = 1; bone < skeleton.transformCount; bone++) {
    codeTransforms(coder, skeleton, mode, state, reference, before, bone, bone + 1);
  }`,
  ]),
  mutant("E26", "reads weights before the bones", "stream/state-coder.ts", [
    `  codeTransforms(coder, skeleton, mode, state, reference, before, 1, skeleton.transformCount);
  codeWeights(coder, mode, state.weights, reference.weights, before.weights);`,
    `  codeWeights(coder, mode, state.weights, reference.weights, before.weights);
  codeTransforms(coder, skeleton, mode, state, reference, before, 1, skeleton.transformCount);`,
  ]),
  mutant("E13", "counts thresholds that are below the energy only", "stream/models.ts", [
    "while (ENERGY_THRESHOLDS[reached] <= index * step) reached++;",
    "while (ENERGY_THRESHOLDS[reached] < index * step) reached++;",
  ]),
  mutant("E13", "stops at class 34", "stream/models.ts", [
    ": CLASS_COUNT - 1;",
    ": CLASS_COUNT - 2;",
  ]),
  mutant("E13", "weighs energy by mode 0 throughout", "stream/state-coder.ts", [
    "ENERGY_WEIGHTS.rotation[mode]",
    "ENERGY_WEIGHTS.rotation[0]",
  ]),
  mutant("E14", "predicts by mode 0 throughout", "stream/state-coder.ts", [
    "PREDICTION.rotation[mode]",
    "PREDICTION.rotation[0]",
  ]),
  mutant("E14", "uses the tables of known motion when blind", "stream/state-coder.ts", [
    "0, TableSet.RotationBlind, TableSet.RotationKey]",
    "0, 0, TableSet.RotationKey]",
  ]),
  mutant("E14", "rounds a prediction towards zero", "stream/prediction.ts", [
    " + 32) >> 6",
    " + 32 + (motion < 0 ? 63 : 0)) >> 6",
  ]),
  mutant("E14", "cuts a prediction's fraction off", "stream/prediction.ts", [
    " + 32) >> 6",
    ") >> 6",
  ]),
  mutant("E14", "takes the motion from R to P", "stream/state-coder.ts", [
    "const motionA = a - beforeRotations[at];",
    "const motionA = beforeRotations[at] - a;",
  ]),
  mutant("E14", "resets N every 8 transforms", "stream/state-coder.ts", [
    "    const at = 3 * transform;\n    let a =",
    "    const at = 3 * transform;\n    if (transform % 8 === 0) neighbour = 0;\n    let a =",
  ]),
  mutant("E14", "keeps N from the root to the first bone", "stream/state-coder.ts", [
    "let neighbour = 0;",
    `let neighbour = 0;
  for (let at = 0; first > 0 && at < 3; at++) {
    const motion = referenceRotations[at] - beforeRotations[at];
    neighbour += Math.abs(rotations[at] - predict(referenceRotations[at], motion, alpha));
  }`,
  ]),
  mutant("E14", "takes the size of the sum of three residuals for N", "stream/state-coder.ts", [
    "neighbour = lastA + lastOfB + Math.abs(restC);",
    "neighbour = Math.abs(restA + restB + restC);",
  ]),
  mutant("E14", "swaps |a| and |b| for c", "stream/state-coder.ts", [
    "const lastC = weights[9];\n  const earlierC = weights[10];",
    "const lastC = weights[10];\n  const earlierC = weights[9];",
  ]),
  mutant("E15", "has groups of 8", "stream/state-coder.ts", [
    "OFFSET_GROUP = 16",
    "OFFSET_GROUP = 8",
  ]),
  mutant("E15", "has groups of 32", "stream/state-coder.ts", [
    "OFFSET_GROUP = 16",
    "OFFSET_GROUP = 32",
  ]),
  mutant("E15", "takes one for resting by R alone", "stream/state-coder.ts", [
    "(reference[at] | reference[at + 1] | reference[at + 2]) === 0 && isSame(reference, before, at)",
    "(reference[at] | reference[at + 1] | reference[at + 2]) === 0",
  ]),
  mutant("E15", "takes one for resting if R = P", "stream/state-coder.ts", [
    "(reference[at] | reference[at + 1] | reference[at + 2]) === 0 && isSame(reference, before, at)",
    "isSame(reference, before, at)",
  ]),
  mutant("E15", "reads Leaves of a last group of one bone", "stream/state-coder.ts", [
    "const isAlone = end - first === 3;",
    "const isAlone = first === 0;",
  ]),
  mutant("E15", "reads GroupLeaves where none rests", "stream/state-coder.ts", [
    "if (resting === 1) leaving =",
    "leaving =",
  ]),
  mutant("E15", "reads no Moves", "stream/state-coder.ts", [
    "} else if (isSame(reference, before, at)) {",
    "} else if (false as boolean) {",
  ]),
  mutant("E15", "reads what moves again by set Offset", "stream/state-coder.ts", [
    "        if (coder.symbol(FlagTable.Moves, moves ? 1 : 0) === 1) {\n          codeOffset(coder, startSet,",
    "        if (coder.symbol(FlagTable.Moves, moves ? 1 : 0) === 1) {\n          codeOffset(coder, TableSet.Offset,",
  ]),
  mutant("E15", "has no tables of its own for keyframes' groups", "stream/state-coder.ts", [
    "isKey ? FlagTable.GroupLeavesKey : FlagTable.GroupLeaves",
    "FlagTable.GroupLeaves",
  ]),
  mutant("E15", "has no tables of its own for who leaves in keyframes", "stream/state-coder.ts", [
    "isKey ? FlagTable.LeavesKey : FlagTable.Leaves",
    "FlagTable.Leaves",
  ]),
  mutant("E15", "has no set of its own for keyframes", "stream/state-coder.ts", [
    "isKey ? TableSet.OffsetKey : TableSet.OffsetStart",
    "TableSet.OffsetStart",
  ]),
  mutant("E15", "weighs the residual of the last axis alone", "stream/state-coder.ts", [
    "lastSize += Math.abs(residual);",
    "lastSize = Math.abs(residual);",
  ]),
  mutant("E15", "adds residuals before it takes the size", "stream/state-coder.ts", [
    "lastSize += Math.abs(residual);",
    "lastSize = Math.abs(residual + (at === first ? 0 : values[first] - predict(reference[first], reference[first] - before[first], alpha)));",
  ]),
  mutant("E15", "counts an axis's own motion with the others'", "stream/state-coder.ts", [
    "others * (sum - size)",
    "others * sum",
  ]),
  mutant("E16", "takes weights at 255 for inside", "stream/state-coder.ts", [
    "from === 0 || from === WEIGHT_STEPS_WHOLE ?",
    "from === 0 ?",
  ]),
  mutant("E16", "takes weights beyond 255 for at the end", "stream/state-coder.ts", [
    "from === 0 || from === WEIGHT_STEPS_WHOLE ?",
    "from === 0 || from >= WEIGHT_STEPS_WHOLE ?",
  ]),
  mutant("E16", "takes weights below 0 for at the end", "stream/state-coder.ts", [
    "from === 0 || from === WEIGHT_STEPS_WHOLE ?",
    "from <= 0 || from === WEIGHT_STEPS_WHOLE ?",
  ]),
  mutant("E16", "tells by P whether a weight is at an end", "stream/state-coder.ts", [
    "from === 0 || from === WEIGHT_STEPS_WHOLE ?",
    "before[at] === 0 || before[at] === WEIGHT_STEPS_WHOLE ?",
  ]),
  mutant("E16", "weighs one residual only", "stream/state-coder.ts", [
    "earlierSize = lastSize;",
    "",
  ]),
  mutant("E16", "uses the tables of known motion for blind weights", "stream/state-coder.ts", [
    "3, TableSet.WeightBlindInside,",
    "3, 3,",
  ]),
  mutant(
    "E16",
    "uses the tables of known motion for blind weights at an end",
    "stream/state-coder.ts",
    ["4, TableSet.WeightBlindAtEnd,", "4, 4,"],
  ),
  mutant("E17", "refuses a position at the end of its range", "stream/state-coder.ts", [
    "value > OFFSET_STEPS_MAX || value < -OFFSET_STEPS_MAX",
    "value >= OFFSET_STEPS_MAX || value < -OFFSET_STEPS_MAX",
  ]),
  mutant("E17", "takes the range for that of two's complement", "stream/state-coder.ts", [
    "value > OFFSET_STEPS_MAX || value < -OFFSET_STEPS_MAX",
    "value > OFFSET_STEPS_MAX || value < -OFFSET_STEPS_MAX - 1",
  ]),
  mutant("E17", "refuses weights from four times the scale on", "stream/state-coder.ts", [
    "value > WEIGHT_STEPS_MAX || value < -WEIGHT_STEPS_MAX",
    "value > 1020 || value < -1020",
  ]),
  mutant("E17", "refuses weights below 0", "stream/state-coder.ts", [
    "value > WEIGHT_STEPS_MAX || value < -WEIGHT_STEPS_MAX",
    "value > WEIGHT_STEPS_MAX || value < 0",
  ]),
  mutant("E17", "accepts weights down to -1024", "stream/state-coder.ts", [
    "value > WEIGHT_STEPS_MAX || value < -WEIGHT_STEPS_MAX",
    "value > WEIGHT_STEPS_MAX || value < -WEIGHT_STEPS_MAX - 1",
  ]),
  mutant("E17", "refuses a turn that is longer than a writer's", "stream/rotation.ts", [
    "TURN_SQUARE_MAX = 3",
    "TURN_SQUARE_MAX = 2.25",
  ]),
  mutant("E17", "accepts a turn as long as 2", "stream/rotation.ts", [
    "TURN_SQUARE_MAX = 3",
    "TURN_SQUARE_MAX = 4",
  ]),
  // Symbols and bytes
  mutant("E18", "takes odd codes for positive", "stream/residual-bins.ts", [
    "(code >>> 1) ^ -(code & 1)",
    "(code & 1) === 1 ? (code + 1) >>> 1 : -(code >>> 1)",
  ]),
  mutant("E18", "has a bin more for each octave", "stream/residual-bins.ts", [
    "return 3 + ((bin - LARGE_BIN) >>> 1);",
    "return 3 + ((bin - LARGE_BIN) >>> 2);",
  ]),
  mutant("E18", "begins a bin at its octave", "stream/residual-bins.ts", [
    "(2 + (bin & 1)) <<",
    "2 <<",
  ]),
  mutant("E19", "gives a level four times its octave less", "stream/models.ts", [
    "(4 + (level & 3)) << (level >> 2)",
    "(1 + (level & 3)) << (level >> 2)",
  ]),
  mutant("E19", "takes level 0 for a weight of 4", "stream/models.ts", ["level === 0 ? 0 : ", ""]),
  mutant("E19", "rounds frequencies to the nearest", "stream/models.ts", [
    "1 + Math.floor((weight * shared) / sum)",
    "1 + Math.round((weight * shared) / sum)",
  ]),
  mutant("E19", "shares out 32768 in proportion", "stream/models.ts", [
    "(1 << FREQUENCY_BITS) - count;",
    "1 << FREQUENCY_BITS;",
  ]),
  mutant("E19", "gives what rounding leaves to the last of the largest", "stream/models.ts", [
    "weights.indexOf(Math.max(...weights))",
    "weights.lastIndexOf(Math.max(...weights))",
  ]),
  mutant("E19", "gives what rounding leaves to the first symbol", "stream/models.ts", [
    "weights.indexOf(Math.max(...weights))",
    "0",
  ]),
  mutant("E20", "multiplies the range before it shifts", "stream/range-decoder.ts", [
    "const start = Math.imul(unit, below);",
    "const start = Math.min(this.#above, Math.floor((this.#range * below) / 2 ** FREQUENCY_BITS));",
  ]),
  mutant("E20", "stretches the interval below 2^23", "stream/range-encoder.ts", [
    "INTERVAL_MIN = 2 ** 22",
    "INTERVAL_MIN = 2 ** 23",
  ]),
  mutant("E20", "begins with an interval of 32 bits", "stream/range-decoder.ts", [
    "(this.#byteAt(0) << 22) |",
    "(this.#byteAt(0) << 24) |",
  ]),
  mutant("E20", "gives the rest of the interval to the last symbol", "stream/range-decoder.ts", [
    "this.#range = Math.imul(unit, cumulative[at + 1] - below);",
    "this.#range = cumulative[at + 1] >= 1 << FREQUENCY_BITS ? this.#range - start : Math.imul(unit, cumulative[at + 1] - below);",
  ]),
  mutant("E21", "reads the lowest bits first", "stream/range-decoder.ts", [
    "return (high << RAW_BITS_MAX) | this.#raw(RAW_BITS_MAX);",
    "return high | (this.#raw(RAW_BITS_MAX) << (count - RAW_BITS_MAX));",
  ]),
  mutant("E21", "reads up to 16 bits at once", "stream/range-encoder.ts", [
    "RAW_BITS_MAX = 12",
    "RAW_BITS_MAX = 16",
  ]),
  mutant("E22", "refuses an empty payload", "stream/range-decoder.ts", [
    "    this.#bytes = bytes;\n    this.#at = 3;",
    `    if (bytes.length === 0) throw new DecodeError("truncated", { byteOffset: 0 }, "empty");
    this.#bytes = bytes;
    this.#at = 3;`,
  ]),
  mutant("E22", "takes the smallest multiple of 2^22 at the end", "stream/range-encoder.ts", [
    "if (none < low + range) return none;",
    "",
  ]),
  mutant("E22", "ends with any number of the interval", "stream/range-decoder.ts", [
    "if (!isShortest || rest !== 0) {",
    "if (rest !== 0) {",
  ]),
  mutant("E23", "takes missing bytes for ones", "stream/range-decoder.ts", [
    "this.#bytes[at] : 0",
    "this.#bytes[at] : 0xff",
  ]),
  mutant("E23", "accepts a zero byte at the end", "stream/range-decoder.ts", [
    "if (end > 0 && bytes[end - 1] === 0) {",
    "if (end < 0) {",
  ]),
  mutant("E23", "accepts bytes too many", "stream/range-decoder.ts", [
    "if (end > this.#at + 1) {",
    "if (end < 0) {",
  ]),
  mutant("E23", "accepts a last byte of which it read a part", "stream/range-decoder.ts", [
    "if (!isShortest || rest !== 0) {",
    "if (!isShortest) {",
  ]),
  mutant("E23", "checks a payload's end before its numbers", "stream/range-decoder.ts", [
    "    this.#bytes = bytes;\n    this.#at = 3;",
    `    if (bytes.at(-1) === 0) throw new DecodeError("not_canonical", { byteOffset: 0 }, "zero");
    this.#bytes = bytes;
    this.#at = 3;`,
  ]),
  // Keyframes
  mutant("E24", "reads HasBefore after the state", "stream/keyframe.ts", [
    `  const hasBefore = coder.symbol(FlagTable.HasBefore, 0) === 1;
  codeKey(coder, skeleton, state);
  if (hasBefore) codeBefore`,
    `  codeKey(coder, skeleton, state);
  const hasBefore = coder.symbol(FlagTable.HasBefore, 0) === 1;
  if (hasBefore) codeBefore`,
  ]),
  mutant("E24", "reads a keyframe as a blind delta", "stream/state-coder.ts", [
    "codeState(coder, skeleton, Mode.Key,",
    "codeState(coder, skeleton, Mode.Blind,",
  ]),
  mutant("E25", "ignores the frame before", "stream/stream-decoder.ts", [
    "if (hasBefore) references.setBefore(this.#before);",
    "",
  ]),
  mutant("E25", "stops after the keyframe's state", "stream/keyframe.ts", [
    "  if (hasBefore) codeBefore(coder, skeleton, before, state);\n  coder.finish();",
    "  coder.finish();",
  ]),
  mutant("E25", "reads the frame before as a state without Still", "stream/keyframe.ts", [
    "codeDelta(coder, skeleton, Mode.Blind, before, state, state, equalStates(before, state));",
    "codeKey(coder, skeleton, before);",
  ]),
  mutant("E25", "takes the frame before for phase 0", "stream/keyframe.ts", [
    "codeDelta(coder, skeleton, Mode.Blind,",
    "codeDelta(coder, skeleton, Mode.Phase0,",
  ]),
  // The skeleton message
  mutant("E27", "takes a step of 1/4 for too large", "stream/stream-skeleton.ts", [
    "step >= ROTATION_STEP_MIN && step <= ROTATION_STEP_MAX",
    "step >= ROTATION_STEP_MIN && step < ROTATION_STEP_MAX",
  ]),
  mutant("E27", "takes a step of 2^-16 for too small", "stream/stream-skeleton.ts", [
    "step >= ROTATION_STEP_MIN && step <= ROTATION_STEP_MAX",
    "step > ROTATION_STEP_MIN && step <= ROTATION_STEP_MAX",
  ]),
  mutant("E27", "accepts any finite step of a position", "stream/stream-skeleton.ts", [
    "step >= OFFSET_STEP_MIN && step <= OFFSET_STEP_MAX",
    "step > 0 && Number.isFinite(step)",
  ]),
  mutant("E27", "accepts a step that is not a number", "stream/stream-skeleton.ts", [
    "step >= OFFSET_STEP_MIN && step <= OFFSET_STEP_MAX",
    "!(step < OFFSET_STEP_MIN || step > OFFSET_STEP_MAX)",
  ]),
  mutant("E27", "accepts any weight scale above 0", "stream/stream-skeleton.ts", [
    "scale >= WEIGHT_SCALE_MIN && scale <= WEIGHT_SCALE_MAX",
    "scale > 0 && scale <= WEIGHT_SCALE_MAX",
  ]),
  mutant("E27", "accepts weight scales of which four are infinite", "stream/stream-skeleton.ts", [
    "scale >= WEIGHT_SCALE_MIN && scale <= WEIGHT_SCALE_MAX",
    "scale >= WEIGHT_SCALE_MIN && Number.isFinite(scale)",
  ]),
  mutant("E27", "reads a step as an f16", "stream/precision.ts", [
    "bits[0] = half << 16;\n  return float[0];",
    "return ((half & 1023) / 1024 + 1) * 2 ** ((half >> 10) - 15);",
  ]),
  mutant("E27", "reads steps as big-endian", "stream/skeleton-message.ts", [
    "this.#view.getUint16(this.#take(2), true)",
    "this.#view.getUint16(this.#take(2))",
  ]),
  mutant("E27", "reads a bone's steps after its rest", "stream/skeleton-message.ts", [
    "    reader.steps(steps, index + 1);\n    reader.rest(rest, TRANSFORM_FLOATS * (index + 1));",
    "    reader.rest(rest, TRANSFORM_FLOATS * (index + 1));\n    reader.steps(steps, index + 1);",
  ]),
  mutant("E27", "reads a rest as big-endian", "stream/skeleton-message.ts", [
    "const value = this.#view.getFloat32(at, true);",
    "const value = this.#view.getFloat32(at);",
  ]),
  mutant("E27", "swaps the flags", "stream/skeleton-message.ts", [
    "HAS_PARENTS_FLAG = 1;\nconst HAS_REST_FLAG = 2;",
    "HAS_PARENTS_FLAG = 2;\nconst HAS_REST_FLAG = 1;",
  ]),
  mutant("E27", "counts parents from 0", "stream/skeleton-message.ts", [
    "return parent - 1;",
    "return parent;",
  ]),
  mutant("E27", "has no parents by name", "stream/skeleton-message.ts", [
    "if (parent === NAMED_PARENT) return this.name(new Set());",
    "if (parent === NAMED_PARENT) return null;",
  ]),
  mutant("E27", "accepts no parent that comes later", "stream/skeleton-message.ts", [
    "parents.push(reader.parent(boneCount));",
    "parents.push(reader.parent(boneNames.length));",
  ]),
  mutant("E27a", "refuses a parent's name that is a bone's", "stream/skeleton-message.ts", [
    'return typeof parent === "number" ? boneNames[parent] : parent;',
    `if (typeof parent === "string" && boneNames.includes(parent)) {
      throw reader.refuse("duplicate_name", 0, "a parent's name");
    }
    return typeof parent === "number" ? boneNames[parent] : parent;`,
  ]),
  mutant("E27a", "does not accept names of 64 bytes", "stream/skeleton-message.ts", [
    "if (length > NAME_BYTES_MAX) throw",
    "if (length >= NAME_BYTES_MAX) throw",
  ]),
  mutant(
    "E27a",
    "wants names that are different in bones and blend shapes",
    "stream/skeleton-message.ts",
    [
      "  taken.clear();\n  const blendShapeNames = Array.from",
      "  const blendShapeNames = Array.from",
    ],
  ),
  mutant("E27a", "takes two spellings of a letter for the same", "stream/skeleton-message.ts", [
    "name = utf8.decode(bytes);",
    "name = utf8.decode(bytes).normalize();",
  ]),
  mutant("E27a", "drops a byte order mark", "stream/skeleton-message.ts", [
    "ignoreBOM: true",
    "ignoreBOM: false",
  ]),
  mutant("E27a", "mends names that are not UTF-8", "stream/skeleton-message.ts", [
    "fatal: true",
    "fatal: false",
  ]),
  mutant("E27b", "derives steps itself", "stream/stream-skeleton.ts", [
    "  return {\n    ...steps,\n    skeleton,\n    rest,",
    "  return {\n    ...stepsOf(skeleton, rest, 0.02),\n    skeleton,\n    rest,",
  ]),
  mutant("E30", "shows every rest as a rest pose", "stream/skeleton-message.ts", [
    "...((flags & HAS_REST_FLAG) !== 0 && { rest:",
    "...(true && { rest:",
  ]),
  mutant("E30", "shows no rest pose", "stream/skeleton-message.ts", [
    "...((flags & HAS_REST_FLAG) !== 0 && { rest:",
    "...(false && { rest:",
  ]),
  mutant("E28", "ignores flags that it does not know", "stream/skeleton-message.ts", [
    "if ((flags & ~KNOWN_FLAGS) !== 0) {",
    "if (flags > 0xff) {",
  ]),
  mutant("E28", "reads any version", "stream/skeleton-message.ts", [
    "if (version !== STREAM_VERSION) {",
    "if (version > 0xff) {",
  ]),
  mutant("E28", "checks counts before the weight scale", "stream/skeleton-message.ts", [
    "const weightScale = reader.f32();\n  if (!isWeightScale(weightScale)) {",
    "const weightScale = reader.f32();\n  const ahead = new DataView(bytes.buffer, bytes.byteOffset + 6).getUint16(0, true);\n  if (ahead <= limits.bonesMax && !isWeightScale(weightScale)) {",
  ]),
  mutant("E28", "has a limit of 1,023 bones", "stream/skeleton-message.ts", [
    "boneCount > limits.bonesMax",
    "boneCount >= limits.bonesMax",
  ]),
  mutant("E28", "has a limit of 1,023 blend shapes", "stream/skeleton-message.ts", [
    "blendShapeCount > limits.blendShapesMax",
    "blendShapeCount >= limits.blendShapesMax",
  ]),
  mutant("E28", "names the byte where a cut-off number began", "stream/skeleton-message.ts", [
    'throw this.refuse("truncated", length,',
    'throw this.refuse("truncated", at,',
  ]),
  mutant("E28", "ignores bytes after the message", "stream/skeleton-message.ts", [
    "if (this.byteOffset === this.#bytes.length) return;",
    "if (this.byteOffset <= this.#bytes.length) return;",
  ]),
  mutant("E28", "accepts an empty name", "stream/skeleton-message.ts", [
    'if (length === 0) throw this.refuse("empty_name", at, "a name is empty");',
    "",
  ]),
  mutant("E28", "accepts a name twice", "stream/skeleton-message.ts", [
    "if (taken.has(name)) {",
    "if (taken.size < 0) {",
  ]),
  mutant("E28", "accepts a zero byte in a name", "stream/skeleton-message.ts", [
    "if (bytes.includes(0)) throw",
    "if (bytes.length < 0) throw",
  ]),
  mutant("E28", "names the first letter of a wrong name", "stream/skeleton-message.ts", [
    'throw this.refuse("invalid_utf8", at, "a name is not valid UTF-8");',
    'throw this.refuse("invalid_utf8", at + 1, "a name is not valid UTF-8");',
  ]),
  mutant("E28", "accepts a rest of infinity", "stream/skeleton-message.ts", [
    "if (!Number.isFinite(value)) throw",
    "if (Number.isNaN(value)) throw",
  ]),
  mutant("E28", "accepts any parent", "stream/skeleton-message.ts", [
    "if (parent > boneCount) throw",
    "if (parent > 0xffff) throw",
  ]),
  mutant("E28", "refuses the last bone as a parent", "stream/skeleton-message.ts", [
    "if (parent > boneCount) throw",
    "if (parent >= boneCount) throw",
  ]),
];

function mutant(
  rule: string,
  mistake: string,
  file: string,
  [from, to]: readonly [string, string],
): Mutant {
  return { rule, mistake, file, from, to };
}
