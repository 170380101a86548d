// How the players of a crowd wander: each is in a group for a while and then walks to another one. A function of seed and
// time alone, so that every process of a load knows where everybody is.
//
//   const walks = new Walks(1000);
//   walks.epochLow32 = low32Us(epochMs);
//   walks.placeAt(player, sentLow32, place);
import { Random } from "./random.ts";

// About as many people as one talk has. Groups are 12 m apart, so 1,000 players have a square of 84 m.
const GROUP_PLAYERS = 20;
const GROUP_METRES = 4;
const GROUP_DISTANCE_METRES = 12;
const METRES_PER_SECOND = 1.4;
// Half a minute in a group on average.
const STAY_SECONDS_MIN = 10;
const STAY_SECONDS_MAX = 50;
const SEED = 20;

/** From one place to another, and the stay before it. */
interface Leg {
  readonly departSeconds: number;
  readonly arriveSeconds: number;
  readonly fromX: number;
  readonly fromZ: number;
  readonly toX: number;
  readonly toZ: number;
}

/** The walks of a room's players. Those of any two rooms of this size are the same. */
export class Walks {
  readonly players: number;
  /** The low 32 bits of the microseconds since 1970 when the walks begin. */
  epochLow32 = 0;
  readonly #walks: readonly Walk[];

  constructor(players: number) {
    this.players = players;
    this.#walks = Array.from({ length: players }, (_, player) => new Walk(players, SEED + player));
  }

  /** x and z in metres of `player` at a time within half an hour of the epoch, given by its low 32 bits. */
  placeAt(player: number, low32: number, out: Float64Array, at = 0): void {
    this.#walks[player].placeAt(((low32 - this.epochLow32) | 0) / 1e6, out, at);
  }
}

/** One player's walk. */
export class Walk {
  readonly #random: Random;
  readonly #groups: number;
  // All so far: a receiver asks for a time that is gone.
  readonly #legs: Leg[] = [];

  constructor(players: number, seed: number) {
    this.#random = new Random(seed);
    this.#groups = Math.ceil(players / GROUP_PLAYERS);
    const [x, z] = this.#spot();
    this.#legs.push({
      departSeconds: -Infinity,
      // Within the first stay: not all of them begin to walk together.
      arriveSeconds: -this.#random.between(0, STAY_SECONDS_MAX),
      fromX: x,
      fromZ: z,
      toX: x,
      toZ: z,
    });
  }

  /** x and z in metres, this many seconds after the walk began. */
  placeAt(seconds: number, out: Float64Array, at = 0): void {
    const leg = this.#legAt(seconds);
    const { departSeconds, arriveSeconds, fromX, fromZ, toX, toZ } = leg;
    const isThere = seconds >= arriveSeconds;
    const share = isThere ? 1 : (seconds - departSeconds) / (arriveSeconds - departSeconds);
    out[at] = fromX + (toX - fromX) * share;
    out[at + 1] = fromZ + (toZ - fromZ) * share;
  }

  /** The last leg that has begun. */
  #legAt(seconds: number): Leg {
    const legs = this.#legs;
    while (legs[legs.length - 1].departSeconds <= seconds) legs.push(this.#legAfter(legs.at(-1)!));
    let at = legs.length - 1;
    while (at > 0 && legs[at].departSeconds > seconds) at--;
    return legs[at];
  }

  #legAfter({ arriveSeconds, toX, toZ }: Leg): Leg {
    const stay = this.#random.between(STAY_SECONDS_MIN, STAY_SECONDS_MAX);
    const departSeconds = Math.max(0, arriveSeconds + stay);
    const [x, z] = this.#spot();
    const metres = Math.hypot(x - toX, z - toZ);
    const walkSeconds = Math.max(metres / METRES_PER_SECOND, 0.001);
    return {
      departSeconds,
      arriveSeconds: departSeconds + walkSeconds,
      fromX: toX,
      fromZ: toZ,
      toX: x,
      toZ: z,
    };
  }

  /** Somewhere in one of the groups. */
  #spot(): [x: number, z: number] {
    const side = Math.ceil(Math.sqrt(this.#groups));
    const group = this.#random.below(this.#groups);
    const jitter = () => this.#random.between(-GROUP_METRES, GROUP_METRES);
    return [
      (group % side) * GROUP_DISTANCE_METRES + jitter(),
      Math.floor(group / side) * GROUP_DISTANCE_METRES + jitter(),
    ];
  }
}
