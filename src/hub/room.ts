// A room: the players that see each other, the connections that watch them, and the ticks that carry
// frames from the ones to the others.
import { DecodeError, STREAM_FORMATS } from "../codec/index.ts";
import type { Format, FrameLimits } from "../codec/index.ts";
import {
  checkPlayerInfo,
  CloseCode,
  decodeAck,
  decodeClientMessage,
  jsonByteLength,
  MESSAGE_BYTES_MAX,
  MessageType,
  messageTypeOf,
  ProtocolError,
} from "../protocol/index.ts";
import type {
  ClientMessage,
  PlayerInfo,
  PlayerPresence,
  ServerMessage,
} from "../protocol/index.ts";
import type { Connection, Publish } from "./connections/connection.ts";
import { FanOut } from "./fan-out/fan-out.ts";
import { HubError } from "./errors.ts";
import { IndexPool } from "./players/index-pool.ts";
import { Player } from "./players/player.ts";
import type { FrameSource, PlayerStatus } from "./players/player.ts";
import { receivePublished } from "./players/publisher.ts";
import { isResumeKey, RESUME_WITHIN_MS, Session } from "./players/session.ts";
import { SILENCE_MAX_MS, Subscriber } from "./fan-out/receiver.ts";
import { noTraffic, roundedTraffic, Traffic } from "./traffic/traffic.ts";
import type { TrafficStatus } from "./traffic/traffic.ts";
import type { SupersededCounters } from "./fan-out/audience.ts";

/** What a room needs of the world outside. */
export interface RoomHost {
  readonly publish: Publish;
  /** A secret that cannot be guessed. */
  readonly createResumeKey: () => string;
  /** The room has something to send: call `tick` after `delayMs`. Called once until then. */
  readonly scheduleTick: (room: Room, delayMs: number) => void;
  /** The highest revision that a removed player of this hub ever had. */
  readonly revisionFloor: () => number;
  readonly onRemoved: (player: Player) => void;
}

export interface RoomOptions {
  readonly id: string;
  readonly playersMax: number;
  readonly subscribersMax: number;
  /** Ticks a second; 0: always at once. */
  readonly tickHz: number;
  readonly frameLimits: FrameLimits;
  /** Slots that always exist: reset where others would be removed. */
  readonly fixedPlayers: readonly string[];
}

/** A frame on its way into a slot. */
export interface IncomingFrame {
  readonly format: Format;
  /** Taken over. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly source: FrameSource;
  readonly nowMs: number;
  readonly captureTimeUs?: number | null;
}

export interface RoomStatus {
  readonly id: string;
  readonly players: readonly PlayerStatus[];
  readonly subscribers: number;
  readonly tickMs: number;
  /** Since the room was made. */
  readonly superseded: SupersededCounters;
  /** Since the room was made. */
  readonly traffic: TrafficStatus;
}

export class Room {
  readonly id: string;
  /** When somebody last wrote to this room or was connected to it. */
  lastUsedMs: number;
  readonly traffic = new Traffic();
  readonly #options: RoomOptions;
  readonly #host: RoomHost;
  readonly #players = new Map<string, Player>();
  readonly #present = new Set<Player>();
  readonly #indices = new IndexPool();
  readonly #subscribers = new Set<Subscriber>();
  readonly #fanOut: FanOut;
  readonly #controlTopic: string;

  constructor(options: RoomOptions, host: RoomHost, nowMs: number) {
    this.id = options.id;
    this.lastUsedMs = nowMs;
    this.#options = options;
    this.#host = host;
    this.#controlTopic = `${options.id}/control`;
    this.#fanOut = new FanOut({
      roomId: options.id,
      tickHz: options.tickHz,
      players: this.#present,
      publish: host.publish,
      traffic: this.traffic,
      scheduleTick: (delayMs) => host.scheduleTick(this, delayMs),
      onRate: (rateHz) => this.#tell({ type: "rate", rateHz }),
    });
    for (const id of options.fixedPlayers) this.#open(id);
  }

  get players(): Iterable<Player> {
    return this.#players.values();
  }

  get playerCount(): number {
    return this.#players.size;
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  /** Frames that did not reach a receiver so far, by cause. */
  get superseded(): SupersededCounters {
    return { ...this.#fanOut.superseded };
  }

  player(id: string): Player | undefined {
    return this.#players.get(id);
  }

  /**
   * Makes a frame of HTTP or the demo the player's newest. The player is new if there was none, but
   * not for a frame that is refused.
   * @throws {DecodeError}; {HubError} `room_full`, `player_taken`.
   */
  publish(playerId: string, frame: IncomingFrame): Player {
    const player = this.#players.get(playerId) ?? this.#create(playerId);
    if (player.session !== undefined) {
      throw new HubError("player_taken", `a streaming client owns player ${playerId}`);
    }
    player.publish(frame);
    this.traffic.in[frame.format].add(frame.bytes.length, frame.nowMs);
    this.#players.set(playerId, player);
    this.lastUsedMs = frame.nowMs;
    if (player.index < 0) this.#enter(player);
    this.#fanOut.markPending(player, frame.nowMs);
    return player;
  }

  /** Sets what a player says of itself; the player is new if there was none. @throws {HubError} */
  setInfo(playerId: string, info: PlayerInfo, nowMs: number): void {
    const player = this.#open(playerId);
    player.info = info;
    this.lastUsedMs = nowMs;
    if (player.index >= 0) this.#tell({ type: "info", index: player.index, info });
  }

  /** Resets a fixed slot, removes any other; false if there is no such player. */
  removePlayer(id: string): boolean {
    const player = this.#players.get(id);
    if (player === undefined) return false;
    const holder = player.session?.connection;
    if (holder?.state === "connected") {
      holder.subscriber.connection.close(CloseCode.Removed, "the player was removed");
      this.#detach(holder.subscriber);
    }
    this.#leave(player);
    if (this.#players.has(id)) player.reset();
    return true;
  }

  /**
   * Takes a connection in: welcome, full state, and everything after it.
   * @throws {HubError} `room_full`, `player_taken`; {DecodeError} for a bad info.
   */
  join(
    connection: Connection,
    request: Extract<ClientMessage, { type: "join" }>,
    nowMs: number,
  ): Subscriber {
    const { playersMax, subscribersMax } = this.#options;
    const { layers, resumeKey } = request;
    const existing = request.player === undefined ? undefined : this.#players.get(request.player);
    const session = existing?.session;
    const resumes = session?.isKey(resumeKey) === true;
    // It gives its place up to the new one.
    const older =
      resumes && session?.connection.state === "connected"
        ? session.connection.subscriber
        : undefined;
    if (this.#subscribers.size - (older === undefined ? 0 : 1) >= subscribersMax) {
      throw new HubError("room_full", `room ${this.id} holds ${subscribersMax} connections`);
    }
    const info = request.info === undefined ? undefined : checkPlayerInfo(request.info);
    if (request.player === undefined) {
      return this.#admit(new Subscriber(connection, { layers }, nowMs), false, nowMs);
    }
    if (session !== undefined && !resumes) {
      throw new HubError("player_taken", `another client owns player ${request.player}`);
    }
    if (existing === undefined && this.#players.size >= playersMax) {
      throw new HubError("room_full", `room ${this.id} holds ${playersMax} players`);
    }
    const player = this.#open(request.player);
    const subscriber = new Subscriber(connection, { player, layers }, nowMs);
    if (session === undefined) {
      const key = isResumeKey(resumeKey) ? resumeKey : this.#host.createResumeKey();
      player.session = new Session(key, subscriber);
    } else {
      if (older !== undefined) {
        older.connection.close(CloseCode.Replaced, "this session is on another connection now");
        this.#detach(older);
      }
      session.connection = { state: "connected", subscriber };
    }
    if (info !== undefined) player.info = info;
    if (player.index < 0) {
      this.#enter(player);
      // A slot that kept its last frame: who saw it leave has forgotten that.
      if (player.source !== null) this.#fanOut.markPending(player, nowMs);
    } else if (info !== undefined) this.#tell({ type: "info", index: player.index, info });
    return this.#admit(subscriber, resumes, nowMs);
  }

  /** A text message. @throws {ProtocolError} if it breaks a rule; its connection is to be closed. */
  receiveText(subscriber: Subscriber, text: string, nowMs: number): void {
    // What was under way when it left, or was put out: its player may be another's by now.
    if (!this.#subscribers.has(subscriber)) return;
    subscriber.lastHeardMs = nowMs;
    const message = decodeClientMessage(text);
    switch (message.type) {
      case "join":
        throw new ProtocolError(CloseCode.BadMessage, "$.type: this connection has joined already");
      case "leave":
        return this.#sayGoodbye(subscriber, nowMs);
      case "layers":
        return this.#fanOut.setLayersWanted(subscriber, message.layers);
      case "keyframe":
        // Full state is large: a receiver that asks for it all the time gets what is in the batches.
        if (subscriber.messages.take(nowMs)) this.#fanOut.sendFullState(subscriber, nowMs);
        return;
      case "ping":
        return send(subscriber, { type: "pong", id: message.id, serverTimeUs: nowMs * 1000 });
      case "info":
      case "message":
        return this.#receiveLimited(subscriber, message, nowMs);
    }
  }

  /** A data message, taken over. @throws {ProtocolError}, {DecodeError} if it breaks a rule. */
  receiveData(subscriber: Subscriber, bytes: Uint8Array<ArrayBuffer>, nowMs: number): void {
    if (!this.#subscribers.has(subscriber)) return;
    subscriber.lastHeardMs = nowMs;
    const type = messageTypeOf(bytes);
    switch (type) {
      case MessageType.Ack:
        this.#fanOut.acknowledge(subscriber, decodeAck(bytes), nowMs);
        break;
      case MessageType.Frame:
      case MessageType.Skeleton: {
        const player = receivePublished(subscriber, type, bytes, nowMs);
        if (player === undefined) return;
        if (type === MessageType.Frame) this.#fanOut.markPending(player, nowMs);
        break;
      }
      case MessageType.Batch:
        throw new ProtocolError(CloseCode.BadMessage, "byte 0: a client sends no batches");
    }
    const { format } = subscriber.connection;
    this.traffic.in[format].add(bytes.length, nowMs, type === MessageType.Frame ? 1 : 0);
  }

  /** The connection has ended without a goodbye: its player waits for it to come back. */
  disconnect(subscriber: Subscriber, nowMs: number): void {
    if (!this.#detach(subscriber)) return;
    this.lastUsedMs = nowMs;
    const session = subscriber.player?.session;
    if (session === undefined) return;
    session.connection = { state: "stale", deadlineMs: nowMs + RESUME_WITHIN_MS };
  }

  /** Sends what is new. */
  tick(nowMs: number): void {
    this.#fanOut.tick(nowMs);
  }

  /** Ends what has been silent for too long. Call it every second or so. */
  sweep(nowMs: number): void {
    this.#fanOut.closeUnacknowledging(nowMs);
    this.#fanOut.settle(nowMs);
    for (const { lastHeardMs, connection } of this.#subscribers) {
      if (nowMs - lastHeardMs <= SILENCE_MAX_MS) continue;
      connection.close(CloseCode.Silent, `sent nothing for ${SILENCE_MAX_MS} ms`);
    }
    for (const player of this.#present) {
      const holder = player.session?.connection;
      if (holder?.state === "stale" && nowMs >= holder.deadlineMs) this.#leave(player);
    }
    if (this.#subscribers.size > 0) this.lastUsedMs = nowMs;
  }

  status(nowMs: number): RoomStatus {
    return {
      id: this.id,
      players: Array.from(this.#players.values(), (player) => player.status(nowMs)),
      subscribers: this.#subscribers.size,
      tickMs: this.#fanOut.intervalMs,
      superseded: this.superseded,
      traffic: roundedTraffic(this.addTraffic(noTraffic(), nowMs)),
    };
  }

  /** Adds what came and went up to `nowMs`, and who is connected, to `sum`. */
  addTraffic(sum: TrafficStatus, nowMs: number): TrafficStatus {
    this.traffic.addTo(sum, nowMs);
    for (const format of STREAM_FORMATS) {
      sum[format].connections += this.#fanOut.subscriberCount(format);
    }
    return sum;
  }

  #receiveLimited(
    subscriber: Subscriber,
    message: Extract<ClientMessage, { type: "info" | "message" }>,
    nowMs: number,
  ): void {
    const { player } = subscriber;
    const refuse = (code: string, text: string) =>
      send(subscriber, { type: "error", code, message: text });
    if (player === undefined) return refuse("not_a_player", "a spectator cannot say this");
    if (!subscriber.messages.take(nowMs)) {
      return refuse("rate_limited", "too many messages: expected 10 a second or fewer");
    }
    if (message.type === "info") {
      try {
        return this.setInfo(player.id, checkPlayerInfo(message.info), nowMs);
      } catch (error) {
        if (error instanceof DecodeError) return refuse(error.code, `$.info: ${error.message}`);
        throw error;
      }
    }
    const { to, body } = message;
    const text = JSON.stringify({ type: "message", from: player.id, body } satisfies ServerMessage);
    if (jsonByteLength(body) > MESSAGE_BYTES_MAX) {
      return refuse("message_too_large", `$.body: expected ${MESSAGE_BYTES_MAX} bytes at the most`);
    }
    if (to === undefined) return this.#host.publish(this.#controlTopic, text);
    const holder = this.#players.get(to)?.session?.connection;
    if (holder?.state === "connected") return holder.subscriber.connection.send(text);
    return refuse("unknown_player", `$.to: no client plays ${JSON.stringify(to.slice(0, 64))}`);
  }

  #sayGoodbye(subscriber: Subscriber, nowMs: number): void {
    this.#detach(subscriber);
    this.lastUsedMs = nowMs;
    if (subscriber.player !== undefined) this.#leave(subscriber.player);
    subscriber.connection.close(CloseCode.Left, "goodbye");
  }

  #admit(subscriber: Subscriber, resumed: boolean, nowMs: number): Subscriber {
    const { connection, player } = subscriber;
    this.#subscribers.add(subscriber);
    this.lastUsedMs = nowMs;
    send(subscriber, {
      type: "welcome",
      room: this.id,
      player: player === undefined ? null : presenceOf(player),
      resumeKey: player?.session?.resumeKey ?? null,
      resumed,
      players: Array.from(this.#present, presenceOf),
      rateHz: this.#fanOut.rateHz,
      serverTimeUs: nowMs * 1000,
    });
    connection.subscribe(this.#controlTopic);
    this.#fanOut.add(subscriber, nowMs);
    return subscriber;
  }

  /** Takes a connection out of everything; false if it was out already. */
  #detach(subscriber: Subscriber): boolean {
    if (!this.#subscribers.delete(subscriber)) return false;
    const { connection } = subscriber;
    this.#fanOut.remove(subscriber);
    connection.unsubscribe(this.#controlTopic);
    return true;
  }

  /** The player is here: gives it an index and tells everybody. */
  #enter(player: Player): void {
    player.index = this.#indices.take();
    // A slot may have been here before, and everybody has forgotten it since.
    player.resend();
    this.#present.add(player);
    this.#tell({ type: "joined", player: presenceOf(player) });
    this.#fanOut.tellRate();
  }

  /** The player is gone. A fixed slot keeps its last frame for those who ask. */
  #leave(player: Player): void {
    player.session = undefined;
    if (player.index >= 0) {
      this.#tell({ type: "left", index: player.index, id: player.id });
      this.#present.delete(player);
      this.#fanOut.forget(player);
      this.#indices.give(player.index);
      player.index = -1;
      this.#fanOut.tellRate();
    }
    if (this.#options.fixedPlayers.includes(player.id)) return;
    this.#players.delete(player.id);
    this.#host.onRemoved(player);
  }

  #tell(message: ServerMessage): void {
    this.#host.publish(this.#controlTopic, JSON.stringify(message));
  }

  /** The player of that name, new if there was none. */
  #open(id: string): Player {
    const player = this.#players.get(id) ?? this.#create(id);
    this.#players.set(id, player);
    return player;
  }

  /** A player that is not in the room yet. @throws {HubError} `room_full`. */
  #create(id: string): Player {
    const { playersMax, frameLimits } = this.#options;
    if (this.#players.size >= playersMax) {
      throw new HubError("room_full", `room ${this.id} holds ${playersMax} players at the most`);
    }
    return new Player(id, this.#host.revisionFloor(), frameLimits);
  }
}

function send({ connection }: Subscriber, message: ServerMessage): void {
  connection.send(JSON.stringify(message));
}

function presenceOf({ index, id, info }: Player): PlayerPresence {
  return { index, id, info };
}
