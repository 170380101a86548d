// Live room: the page's own connection to the room that it shows. It is a spectator, connected while the page
// is visible.
import { connect } from "../../src/client/index.ts";
import type { AvatarRoom, ConnectOptions } from "../../src/client/index.ts";
import { serverOf } from "../slot-address.ts";

/** Formats that the page's address may ask for, to compare them: `?format=json`. Otherwise the client chooses. */
const FORMATS = new Set(["json", "binary", "stream"]);

export class LiveRoom {
  readonly #onRoom: (room: AvatarRoom) => void;
  #id: string;
  #room: AvatarRoom | null = null;
  #receivedBytes = 0;

  /** `onRoom` gets the room of each new connection. */
  constructor(id: string, onRoom: (room: AvatarRoom) => void) {
    this.#id = id;
    this.#onRoom = onRoom;
  }

  start(): void {
    document.addEventListener("visibilitychange", () => this.#update());
    this.#update();
  }

  /** Null while the page is hidden. */
  get room(): AvatarRoom | null {
    return this.#room;
  }

  /** Bytes of all messages received, without WebSocket framing. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  choose(id: string): void {
    if (id === this.#id) return;
    this.#id = id;
    this.#close();
    this.#update();
  }

  // A hidden page needs no frames.
  #update(): void {
    if (document.hidden) return this.#close();
    if (this.#room !== null) return;
    const format = new URLSearchParams(location.search).get("format");
    this.#room = connect(serverOf(location), {
      room: this.#id,
      coordinateSystem: "gltf",
      runtime: { webSocket: this.#countingSocket() },
      ...(format !== null &&
        FORMATS.has(format) && { format: format as NonNullable<ConnectOptions["format"]> }),
    });
    // The note over the view tells of a failure, from `state`.
    this.#room.ready.catch(() => {});
    this.#onRoom(this.#room);
  }

  #close(): void {
    this.#room?.close();
    this.#room = null;
  }

  #countingSocket(): typeof WebSocket {
    const count = (data: unknown) => {
      if (typeof data === "string") this.#receivedBytes += data.length;
      else if (data instanceof ArrayBuffer) this.#receivedBytes += data.byteLength;
    };
    return class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        this.addEventListener("message", ({ data }: MessageEvent<unknown>) => count(data));
      }
    };
  }
}
