// Who is nearest to a player: looks at everybody, so that it shares nothing with the server's grid.

export class Nearest {
  /** The nearest first. */
  readonly #players: Int32Array;
  readonly #distances: Float64Array;

  constructor(count: number) {
    this.#players = new Int32Array(count);
    this.#distances = new Float64Array(count);
  }

  /** The players nearest to `own`, the nearest first; `places` has x and z of each. The next call overwrites them. */
  of(own: number, places: Float64Array): Int32Array {
    const [players, distances] = [this.#players, this.#distances];
    const last = players.length - 1;
    const [x, z] = [places[2 * own], places[2 * own + 1]];
    distances.fill(Infinity);
    for (let player = 0; player < places.length / 2; player++) {
      const [dx, dz] = [places[2 * player] - x, places[2 * player + 1] - z];
      const distance = dx * dx + dz * dz;
      if (distance >= distances[last] || player === own) continue;
      let at = last;
      for (; at > 0 && distances[at - 1] > distance; at--) {
        distances[at] = distances[at - 1];
        players[at] = players[at - 1];
      }
      distances[at] = distance;
      players[at] = player;
    }
    return players;
  }
}
