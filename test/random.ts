// Random numbers from a seed, for fuzz and simulation.
export { Random } from "../src/load/random.ts";
