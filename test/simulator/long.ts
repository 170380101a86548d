// bun test/simulator/long.ts --seeds 1000 [--operations 3000] [--from 1] [--crowd] [--crowd-above 4]
//
// With --crowd the simulation of interest; its operations are ticks. With --crowd-above rooms of more players are crowds;
// 7 are the most. Runs one seed after another until one fails, and says how to run that one again.
import { parseArgs } from "node:util";
import { simulateCrowd } from "./crowd-simulation.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    operations: { type: "string", default: "3000" },
    "crowd-above": { type: "string", default: "Infinity" },
    crowd: { type: "boolean", default: false },
    // Seeds that nobody has run yet.
    from: { type: "string", default: String(Math.floor(Date.now() / 1000)) },
  },
});
const first = Number(values.from);
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const startedMs = performance.now();
  const operations = Number(values.operations);
  const crowdAbove = Number(values["crowd-above"]);
  const counts = values.crowd
    ? simulateCrowd(seed, operations)
    : simulate(seed, operations, { crowdAbove });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`seed ${seed}, ${seconds} s: ${JSON.stringify(counts)}`);
}
