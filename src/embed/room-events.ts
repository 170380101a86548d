// What happens in rooms, told to the embedding application. The hub only takes note here; listeners are
// called right after its work, so that they may use it, and what they throw is not a client's fault.
import type { Player } from "../hub/players/player.ts";
import type { RoomObserver } from "../hub/room-observer.ts";
import type { PlayerInfo } from "../protocol/index.ts";
import { RoomFrame } from "./room-frame.ts";

/** What a room's listeners are told, by event. */
export interface RoomEvents {
  /** A player is in the room from now on. */
  readonly joined: { readonly player: string; readonly info: PlayerInfo };
  /** A player has left the room. */
  readonly left: { readonly player: string };
  /** A player says something else of itself. */
  readonly info: { readonly player: string; readonly info: PlayerInfo };
  /** A player has a newer frame. Frames that arrive together are told once, by the newest. */
  readonly frame: { readonly player: string; readonly frame: RoomFrame };
  /** A client's application message; without `to` it went to everybody. */
  readonly message: { readonly from: string; readonly to?: string; readonly body: unknown };
}

export type RoomListener<Name extends keyof RoomEvents> = (event: RoomEvents[Name]) => void;

type Listeners = { readonly [name in keyof RoomEvents]: Set<RoomListener<name>> };

export class RoomEventSource implements RoomObserver {
  readonly #rooms = new Map<string, Listeners>();
  // Calls to make once the hub is done, and players whose newer frames are to be told after them.
  readonly #calls: (() => void)[] = [];
  readonly #newFrames = new Map<Player, Listeners["frame"]>();
  #isScheduled = false;

  /** @returns a function that ends it. @throws {TypeError} for an event that there is not. */
  listen<Name extends keyof RoomEvents>(
    roomId: string,
    name: Name,
    listener: RoomListener<Name>,
  ): () => void {
    const listeners = this.#rooms.get(roomId) ?? createListeners();
    if (!Object.hasOwn(listeners, name)) {
      const names = Object.keys(listeners).join(", ");
      throw new TypeError(`there is no event ${name}: expected ${names}`);
    }
    this.#rooms.set(roomId, listeners);
    const set: Set<RoomListener<Name>> = listeners[name];
    set.add(listener);
    return () => {
      set.delete(listener);
      if (Object.values(listeners).every(({ size }) => size === 0)) this.#rooms.delete(roomId);
    };
  }

  joined(roomId: string, { id, info }: Player): void {
    this.#tell(roomId, "joined", { player: id, info });
  }

  left(roomId: string, { id }: Player): void {
    this.#tell(roomId, "left", { player: id });
  }

  infoChanged(roomId: string, { id, info }: Player): void {
    this.#tell(roomId, "info", { player: id, info });
  }

  framed(roomId: string, player: Player): void {
    const listeners = this.#rooms.get(roomId);
    if (listeners === undefined || listeners.frame.size === 0) return;
    this.#newFrames.set(player, listeners.frame);
    this.#schedule();
  }

  said(roomId: string, message: { from: string; to: string | undefined; body: unknown }): void {
    const { from, to, body } = message;
    this.#tell(roomId, "message", { from, body, ...(to !== undefined && { to }) });
  }

  #tell<Name extends keyof RoomEvents>(roomId: string, name: Name, event: RoomEvents[Name]): void {
    const listeners: Set<RoomListener<Name>> | undefined = this.#rooms.get(roomId)?.[name];
    if (listeners === undefined || listeners.size === 0) return;
    this.#calls.push(() => {
      for (const listener of listeners) call(() => listener(event));
    });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const frames = [...this.#newFrames];
    this.#newFrames.clear();
    for (const tell of this.#calls.splice(0)) tell();
    for (const [player, listeners] of frames) {
      // The player may have been removed since.
      if (!player.isPresent || player.source === null) continue;
      const event = { player: player.id, frame: new RoomFrame(player.frame) };
      for (const listener of listeners) call(() => listener(event));
    }
  }
}

/** What a listener throws is uncaught, and keeps nobody else from being told. */
function call(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function createListeners(): Listeners {
  return {
    joined: new Set(),
    left: new Set(),
    info: new Set(),
    frame: new Set(),
    message: new Set(),
  };
}
