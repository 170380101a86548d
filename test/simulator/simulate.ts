// One run of the simulation, from its seed.
import { Simulation } from "./simulation.ts";
import type { SimulationCounts, SimulationOptions } from "./simulation.ts";

// A fault may have disappeared by the end, so the run is also checked in between.
const ROUNDS = 5;

/** Runs the simulation of this seed. @throws {Error} that names the seed and what went wrong. */
export function simulate(
  seed: number,
  operations: number,
  options: SimulationOptions = {},
): SimulationCounts {
  const simulation = new Simulation(seed, options);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      simulation.run(operations / ROUNDS);
      simulation.settle();
    }
    simulation.end();
    return simulation.counts;
  } catch (error) {
    const { nowMs } = simulation.clock;
    const where = `seed ${seed}, operation ${simulation.counts.operations}, ${nowMs} ms`;
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${where}: ${message}`, { cause: error });
  }
}
