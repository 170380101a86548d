// The connection to a room's stream, over any number of sockets: joins, keeps the line alive, acknowledges,
// and connects again after a loss. room.ts handles who is in the room and what they send.
import {
  BatchReader,
  CloseCode,
  decodeServerMessage,
  MessageType,
  messageTypeOf,
  PlacesReader,
  ProtocolError,
} from "../protocol/index.ts";
import type { ClientMessage, ServerMessage } from "../protocol/index.ts";
import { Acknowledger } from "./acknowledger.ts";
import { backoffMs } from "./backoff.ts";
import { ClockSync } from "./clock-sync.ts";
import { closeError, isFinal, RoomError } from "./errors.ts";
import type { RoomErrorCode } from "./errors.ts";
import { Heartbeat } from "./heartbeat.ts";
import { SOCKET_OPEN } from "./runtime.ts";
import type { ClientRuntime, WebSocketLike } from "./runtime.ts";

/** The state of a room's connection. */
export type RoomState =
  /** Not joined yet. `attempt` counts from 1; `error` is why the last attempt failed. */
  | { readonly name: "connecting"; readonly attempt: number; readonly error: RoomError | null }
  /** `resumed`: the server knew the session, and nobody saw this player leave. */
  | { readonly name: "joined"; readonly resumed: boolean }
  /** Joined before; `error` is why the connection, or the last attempt, failed. */
  | { readonly name: "reconnecting"; readonly attempt: number; readonly error: RoomError }
  /** Ended by `leave` or `close` of this side, or by an error after which connecting again cannot help. */
  | {
      readonly name: "closed";
      readonly reason: "left" | "closed" | RoomErrorCode;
      readonly error: RoomError | null;
    };

export type JoinMessage = Extract<ClientMessage, { type: "join" }>;
export type WelcomeMessage = Extract<ServerMessage, { type: "welcome" }>;
/** Messages that the connection does not handle itself. */
export type RoomMessage = Exclude<ServerMessage, { type: "welcome" | "pong" | "acknowledge" }>;

/** What a connection calls. */
export interface ConnectionHandler {
  /** The first message of each socket. */
  joinMessage(): JoinMessage;
  onWelcome(message: WelcomeMessage): void;
  onMessage(message: RoomMessage): void;
  /** A batch that is newer than the last one. @throws {ProtocolError} as its reader does. */
  onBatch(batch: BatchReader, arrivalMs: number): void;
  /** A message of everybody's place. @throws {ProtocolError} as its reader does. */
  onPlaces(places: PlacesReader, arrivalMs: number): void;
  onState(state: RoomState): void;
  /** Something was wrong. The connection stays open. */
  onError(error: RoomError): void;
}

// From the handshake to the welcome. A server that runs answers within a round trip or two.
const JOIN_WITHIN_MS = 10_000;

// After a connection that lasted this long, the next wait is the shortest again.
const SOUND_AFTER_MS = 1000;

// A session outlives its client by 20 s: 10 s of silence, and 10 s in which the client may return [S8]. And 2 s for
// the ways between.
const TAKEN_MAX_MS = 22_000;
// Meanwhile the player is asked for about once a second.
const TAKEN_RETRY_MS = 1000;

const NORMAL_CLOSE = 1000;

export class Connection {
  /** The server's clock. It is kept from socket to socket. */
  readonly clock = new ClockSync();
  /** Resolves when the room is joined for the first time; rejects with a RoomError if it never will be. */
  readonly ready: Promise<void>;
  readonly #url: string;
  readonly #subprotocol: string;
  readonly #runtime: ClientRuntime;
  readonly #handler: ConnectionHandler;
  #resolveReady!: () => void;
  #rejectReady!: (error: RoomError) => void;
  #state: RoomState = { name: "connecting", attempt: 1, error: null };
  #hasJoined = false;
  #failedAttempts = 0;
  #joinedMs = 0;
  // Since when the player is refused to this client; null: it is not.
  #takenSinceMs: number | null = null;
  // Of the current socket. Events of older ones are ignored.
  #socket: WebSocketLike | null = null;
  #wasOpen = false;
  #joinSentMs = 0;
  #lastSequence: number | null = null;
  #heartbeat: Heartbeat | null = null;
  #acknowledger: Acknowledger | null = null;
  // Ends an attempt that gets no welcome, or begins the next one.
  #timer: unknown = null;

  /** Begins to connect. @throws {SyntaxError} for an invalid address. */
  constructor(options: {
    url: string;
    subprotocol: string;
    runtime: ClientRuntime;
    handler: ConnectionHandler;
  }) {
    this.#url = options.url;
    this.#subprotocol = options.subprotocol;
    this.#runtime = options.runtime;
    this.#handler = options.handler;
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // An application that does not wait for `ready` learns of the error by the state.
    this.ready.catch(() => {});
    this.#open();
  }

  get state(): RoomState {
    return this.#state;
  }

  /** Bytes that wait in the socket to be sent. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Sends if the room is joined; false if it is not. */
  send(message: ClientMessage): boolean {
    return this.sendBytes(JSON.stringify(message));
  }

  /** Sends if the room is joined; false if it is not. The bytes may change after the call. */
  sendBytes(data: string | Uint8Array<ArrayBuffer>): boolean {
    if (this.#state.name !== "joined" || this.#socket?.readyState !== SOCKET_OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  /** Ends the connection. */
  close(reason: "left" | "closed"): void {
    if (this.#state.name === "closed") return;
    if (reason === "left") this.send({ type: "leave" });
    this.#drop();
    this.#finish(reason, null);
  }

  /** Ends the socket without a goodbye until `hurry`: the page may come back from the back/forward cache. */
  suspend(): void {
    if (this.#state.name === "closed") return;
    this.#drop();
    this.#failedAttempts++;
    this.#wait(new RoomError("lost", "the page was left"));
  }

  /** Connects now if the next attempt is yet to come. */
  hurry(): void {
    if (this.#state.name === "closed" || this.#socket !== null) return;
    this.#runtime.clearTimeout(this.#timer);
    this.#open();
  }

  #open(): void {
    const socket = new this.#runtime.webSocket(this.#url, [this.#subprotocol]);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#wasOpen = false;
    this.#lastSequence = null;
    const isPresent = () => this.#socket === socket;
    socket.addEventListener("open", () => {
      if (isPresent()) this.#join(socket);
    });
    socket.addEventListener("message", ({ data }) => {
      if (isPresent()) this.#receive(data);
    });
    // `close` follows and says more. A listener is needed, because `ws` throws errors without one.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", ({ code, reason }) => {
      if (isPresent()) this.#fail(closeError(code, reason, this.#wasOpen));
    });
    this.#timer = this.#runtime.setTimeout(() => {
      this.#fail(new RoomError("timed_out", `no welcome within ${JOIN_WITHIN_MS} ms`));
    }, JOIN_WITHIN_MS);
  }

  #join(socket: WebSocketLike): void {
    this.#wasOpen = true;
    this.#joinSentMs = this.#runtime.now();
    socket.send(JSON.stringify(this.#handler.joinMessage()));
  }

  #receive(data: unknown): void {
    this.#heartbeat?.received();
    try {
      if (typeof data === "string") this.#receiveText(data);
      else if (data instanceof ArrayBuffer) this.#receiveBytes(new Uint8Array(data));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#handler.onError(new RoomError("bad_server_message", error.message, { cause: error }));
    }
  }

  #receiveText(text: string): void {
    const message = decodeServerMessage(text);
    // A type that a later server has added [S3].
    if (message === undefined) return;
    if (message.type === "welcome") return this.#welcome(message);
    if (message.type === "pong") {
      return this.#heartbeat?.pong(message.id, message.serverTimeUs);
    }
    if (message.type === "acknowledge") return this.#acknowledger?.acknowledge();
    if (this.#state.name === "joined") this.#handler.onMessage(message);
  }

  #receiveBytes(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#state.name !== "joined") return;
    const type = knownType(bytes);
    // [S40] It has no sequence, and is not acknowledged.
    if (type === MessageType.Places) {
      return this.#handler.onPlaces(new PlacesReader(bytes), this.#runtime.now());
    }
    if (type !== MessageType.Batch) return;
    const batch = new BatchReader(bytes);
    const { sequence, isFullState } = batch;
    // [S16] Full state has the sequence of the batch before it, which may be the last one that was received.
    const age = this.#lastSequence === null ? -1 : (this.#lastSequence - sequence) | 0;
    if (isFullState ? age > 0 : age >= 0) return;
    this.#lastSequence = sequence;
    this.#acknowledger?.received({ sequence, byteLength: bytes.length, isFullState });
    this.#handler.onBatch(batch, this.#runtime.now());
  }

  #welcome(message: WelcomeMessage): void {
    if (this.#state.name === "joined") return;
    const nowMs = this.#runtime.now();
    this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
    this.#hasJoined = true;
    this.#takenSinceMs = null;
    this.#joinedMs = nowMs;
    // Join and welcome are a ping and its pong.
    const { serverTimeUs } = message;
    this.clock.addSample({ sentMs: this.#joinSentMs, receivedMs: nowMs, serverTimeUs });
    this.#acknowledger = new Acknowledger(this.#runtime, (ack) => void this.sendBytes(ack));
    this.#state = { name: "joined", resumed: message.resumed };
    this.#heartbeat = new Heartbeat({
      runtime: this.#runtime,
      clock: this.clock,
      sendPing: (id) => void this.send({ type: "ping", id }),
      onSilence: () => this.#fail(new RoomError("timed_out", "the server has stopped answering")),
    });
    this.#resolveReady();
    this.#handler.onWelcome(message);
    this.#handler.onState(this.#state);
  }

  /** The current socket failed. */
  #fail(error: RoomError): void {
    const nowMs = this.#runtime.now();
    const wasJoined = this.#state.name === "joined";
    if (wasJoined && nowMs - this.#joinedMs >= SOUND_AFTER_MS) this.#failedAttempts = 0;
    this.#drop();
    if (isFinal(error)) return this.#finish(error.code, error);
    // Once joined, try again for good: whoever took the player meanwhile may leave.
    if (error.code === "player_taken" && !this.#hasJoined) return this.#refused(error, nowMs);
    this.#failedAttempts++;
    this.#wait(error, backoffMs(this.#failedAttempts, this.#runtime.random()));
  }

  /** Another session has the player: its client may be gone, and the session about to end. */
  #refused(error: RoomError, nowMs: number): void {
    const isFirst = this.#takenSinceMs === null;
    this.#takenSinceMs ??= nowMs;
    const leftMs = this.#takenSinceMs + TAKEN_MAX_MS - nowMs;
    if (leftMs <= 0) return this.#finish(error.code, error);
    this.#failedAttempts++;
    const { code, closeCode = CloseCode.PlayerTaken } = error;
    const message = `${error.message}; tries again for ${Math.ceil(leftMs / 1000)} s, in case it is free by then`;
    const told = new RoomError(code, message, { closeCode });
    if (isFirst) this.#handler.onError(told);
    this.#wait(told, TAKEN_RETRY_MS * (0.5 + this.#runtime.random() / 2));
  }

  /** Says why there is no connection, and makes the next attempt after `delayMs`, if there is one. */
  #wait(error: RoomError, delayMs?: number): void {
    const attempt = this.#failedAttempts + (this.#hasJoined ? 0 : 1);
    this.#setState({ name: this.#hasJoined ? "reconnecting" : "connecting", attempt, error });
    // A listener may have closed it.
    if (this.state.name === "closed" || delayMs === undefined) return;
    this.#timer = this.#runtime.setTimeout(() => this.#open(), delayMs);
  }

  /** Closes the current socket and stops its timers. */
  #drop(): void {
    this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
    this.#heartbeat?.stop();
    this.#heartbeat = null;
    this.#acknowledger?.stop();
    this.#acknowledger = null;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(NORMAL_CLOSE);
  }

  #finish(reason: "left" | "closed" | RoomErrorCode, error: RoomError | null): void {
    this.#setState({ name: "closed", reason, error });
    this.#rejectReady(error ?? new RoomError("closed", "the room was closed before it was joined"));
  }

  #setState(state: RoomState): void {
    this.#state = state;
    this.#handler.onState(state);
  }
}

/** The type of a data message; null for one that a later server may have added [S3]. */
function knownType(bytes: Uint8Array): MessageType | null {
  try {
    return messageTypeOf(bytes);
  } catch (error) {
    if (error instanceof ProtocolError && error.closeCode === CloseCode.UnknownMessageType) {
      return null;
    }
    throw error;
  }
}
