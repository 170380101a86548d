// One run of the simulation, from its seed.
import { Simulation } from "./simulation.ts";
import type { SimulationCounts } from "./simulation.ts";

/** Runs the simulation of this seed. @throws {Error} that names the seed and what went wrong. */
export function simulate(seed: number, operations: number): SimulationCounts {
  const simulation = new Simulation(seed);
  try {
    simulation.run(operations);
    simulation.settle();
    simulation.end();
    return simulation.counts;
  } catch (error) {
    const { nowMs } = simulation.clock;
    const where = `seed ${seed}, operation ${simulation.counts.operations}, ${nowMs} ms`;
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${where}: ${message}`, { cause: error });
  }
}
