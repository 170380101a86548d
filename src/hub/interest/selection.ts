// What one receiver is sent at one tick: entries in ascending order of players.

export const EntryKind = {
  /** The player leaves the receiver's sight. */
  Out: 0,
  /** All that a newcomer needs of the player: skeleton, keyframe, and the frames after it. */
  State: 1,
  /** One of the tick's new frames. */
  Frame: 2,
} as const;
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind];

/** All selections may use the same memory: it is read before the next one is made. */
export class Selection {
  count = 0;
  kinds = new Uint8Array(512);
  /** By entry: the player's index. */
  players = new Int32Array(512);
  /** By entry: the number of the frame in the tick, of `EntryKind.Frame` only. */
  frames = new Int32Array(512);
  /** Players who have entered the receiver's sight. */
  entered = 0;
  /** Players who have left it. */
  left = 0;

  clear(): void {
    this.count = 0;
    this.entered = 0;
    this.left = 0;
  }

  add(kind: EntryKind, player: number, frame = 0): void {
    const at = this.count++;
    if (at === this.kinds.length) this.#grow();
    this.kinds[at] = kind;
    this.players[at] = player;
    this.frames[at] = frame;
  }

  #grow(): void {
    const grow = <T extends Uint8Array | Int32Array>(from: T, to: T): T => (to.set(from), to);
    const length = 2 * this.kinds.length;
    this.kinds = grow(this.kinds, new Uint8Array(length));
    this.players = grow(this.players, new Int32Array(length));
    this.frames = grow(this.frames, new Int32Array(length));
  }
}
