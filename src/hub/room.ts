// A room: the players that see each other, the connections that watch them, and the ticks that carry frames
// from the players to the connections.
import { STREAM_FORMATS } from "../codec/format.ts";
import type { FrameLimits } from "../codec/index.ts";
import {
  checkPlayerInfo,
  CloseCode,
  decodeAck,
  MessageType,
  messageTypeOf,
  ProtocolError,
} from "../protocol/index.ts";
import type {
  ClientMessage,
  PlayerInfo,
  PlayerPresence,
  RoomStatus,
  ServerMessage,
  ViewMessage,
} from "../protocol/index.ts";
import type { Broadcaster } from "./connections/broadcaster.ts";
import type { Connection } from "./connections/connection.ts";
import { receiveControl } from "./control-messages.ts";
import type { ControlledRoom } from "./control-messages.ts";
import { HubError } from "./errors.ts";
import { FanOut } from "./fan-out/fan-out.ts";
import { SILENCE_MAX_MS } from "./fan-out/receiver.ts";
import { Member } from "./member.ts";
import { indexCountFor } from "./players/index-pool.ts";
import type { Player, WholeFrame } from "./players/player.ts";
import { Roster } from "./players/roster.ts";
import { isResumeKey, RESUME_WITHIN_MS, Session } from "./players/session.ts";
import type { RoomObserver } from "./room-observer.ts";
import type { SupersededCounters } from "./traffic/superseded.ts";
import { createTrafficSum, roundedTraffic, TrafficMeters } from "./traffic/traffic-meters.ts";
import type { TrafficSum } from "./traffic/traffic-meters.ts";

// A client pings every 2 s if its timers run. Those of a hidden page run once a minute.
const PING_AFTER_MS = 3000;

/** What a room needs of the world outside. */
export interface RoomHost {
  readonly broadcaster: Broadcaster;
  /** A secret that cannot be guessed. */
  readonly createResumeKey: () => string;
  /** The room has something to send: call `tick` after `delayMs`. Called once until then. */
  readonly scheduleTick: (room: Room, delayMs: number) => void;
  /** The highest revision that a removed player of this hub ever had. */
  readonly revisionFloor: () => number;
  readonly onRemoved: (player: Player) => void;
  readonly observer?: RoomObserver | undefined;
}

/** What differs from room to room, and can change while it is used. */
export interface RoomSettings {
  /** Ticks a second once there are more than 4 players, 0 to 120; 0: frames are always sent at once. */
  readonly tickHz: number;
  /** A lower number than there are removes nobody. */
  readonly playersMax: number;
  /** With more players than this, each receiver is sent only those whom it has in sight. 1 or more. */
  readonly crowdAbove: number;
  /** Streaming connections. A lower number than there are closes none. */
  readonly connectionsMax: number;
}

export interface RoomOptions extends RoomSettings {
  readonly id: string;
  readonly frameLimits: FrameLimits;
  /** Slots that always exist: reset where others would be removed. */
  readonly fixedPlayers: readonly string[];
}

/** What became of a frame. */
export interface Published {
  readonly player: Player;
  /** False if the player has a newer frame, which came before. */
  readonly isNewest: boolean;
}

export class Room implements ControlledRoom {
  readonly id: string;
  /** When somebody last wrote to this room or was connected to it. */
  lastUsedMs: number;
  readonly traffic = new TrafficMeters();
  #connectionsMax: number;
  readonly #host: RoomHost;
  readonly #roster: Roster;
  /** Streaming clients' holds on their players. */
  readonly #sessions = new Map<Player, Session>();
  readonly #members = new Set<Member>();
  readonly #fanOut: FanOut;
  readonly #controlTopic: string;

  constructor(options: RoomOptions, host: RoomHost, nowMs: number) {
    const { id, playersMax, connectionsMax, tickHz, crowdAbove, frameLimits, fixedPlayers } =
      options;
    const { broadcaster, revisionFloor } = host;
    this.id = id;
    this.lastUsedMs = nowMs;
    this.#connectionsMax = connectionsMax;
    this.#host = host;
    this.#controlTopic = `${id}/control`;
    this.#roster = new Roster({ roomId: id, playersMax, frameLimits, fixedPlayers, revisionFloor });
    this.#fanOut = new FanOut({
      roomId: id,
      tickHz,
      crowdAbove,
      indexCount: () => indexCountFor(this.#roster.playersMax),
      players: this.#roster.present,
      broadcaster,
      traffic: this.traffic,
      scheduleTick: (delayMs) => host.scheduleTick(this, delayMs),
      onRate: (rateHz) => this.#broadcast({ type: "rate", rateHz }),
    });
  }

  get players(): Iterable<Player> {
    return this.#roster.all;
  }

  get playerCount(): number {
    return this.#roster.size;
  }

  get connectionCount(): number {
    return this.#members.size;
  }

  /** Whether each receiver is sent only those whom it has in sight. */
  get isCrowd(): boolean {
    return this.#fanOut.isCrowd;
  }

  /** Frames that did not reach a receiver so far, by cause. */
  get superseded(): SupersededCounters {
    return { ...this.#fanOut.superseded };
  }

  get settings(): RoomSettings {
    const { tickHz, crowdAbove } = this.#fanOut;
    return {
      tickHz,
      crowdAbove,
      playersMax: this.#roster.playersMax,
      connectionsMax: this.#connectionsMax,
    };
  }

  /** Changes what is given. The values are taken as they are. */
  configure(changes: Partial<RoomSettings>): void {
    const { tickHz, crowdAbove, playersMax, connectionsMax } = { ...this.settings, ...changes };
    this.#roster.playersMax = playersMax;
    this.#connectionsMax = connectionsMax;
    this.#fanOut.tickHz = tickHz;
    this.#fanOut.crowdAbove = crowdAbove;
    this.#fanOut.tellRate();
  }

  player(id: string): Player | undefined {
    return this.#roster.get(id);
  }

  /** The hold that a streaming client has on this player, if any. */
  session(player: Player): Session | undefined {
    return this.#sessions.get(player);
  }

  /**
   * Makes a frame of HTTP, the application or the demo the player's newest, creating the player if needed. A
   * frame that is refused creates none.
   * @throws {DecodeError}; {HubError} `room_full`, `player_taken`.
   */
  publish(playerId: string, frame: WholeFrame): Published {
    const player = this.#roster.get(playerId) ?? this.#roster.create(playerId);
    this.#checkIsFree(player);
    this.lastUsedMs = frame.nowMs;
    if (!player.publish(frame)) return { player, isNewest: false };
    this.traffic.in[frame.format].add(frame.bytes.length, frame.nowMs);
    this.#roster.add(player);
    if (!player.isPresent) this.#enter(player, frame.nowMs);
    this.#fanOut.markPending(player, frame.nowMs);
    this.#host.observer?.framed(this.id, player);
    return { player, isNewest: true };
  }

  /**
   * Sets what a player is said to be, creating the player if needed.
   * @throws {HubError} `room_full`, `player_taken`.
   */
  setInfo(playerId: string, info: PlayerInfo, nowMs: number): void {
    const player = this.#roster.get(playerId) ?? this.#roster.create(playerId);
    this.#checkIsFree(player);
    this.setOwnInfo(this.#roster.add(player), info, nowMs);
  }

  /** Sets what a player's own client says of it. */
  setOwnInfo(player: Player, info: PlayerInfo, nowMs: number): void {
    player.info = info;
    this.lastUsedMs = nowMs;
    this.#broadcastInfo(player);
  }

  /**
   * Resets a fixed slot, removes any other; false if there is no such player.
   * @throws {HubError} `player_taken`.
   */
  removePlayer(id: string, nowMs: number): boolean {
    const player = this.#roster.get(id);
    if (player !== undefined) this.#checkIsFree(player);
    return this.expelPlayer(id, nowMs);
  }

  /** As `removePlayer`, but closes a client that plays it. */
  expelPlayer(id: string, nowMs: number): boolean {
    const player = this.#roster.get(id);
    if (player === undefined) return false;
    const member = this.#sessions.get(player)?.member;
    if (member !== undefined) this.#expel(member, CloseCode.Removed, "the player was removed");
    this.#leave(player, nowMs);
    if (this.#roster.get(id) !== undefined) player.reset();
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
  ): Member {
    const { layers = Infinity, resumeKey, skeletons = [] } = request;
    const session = this.#sessionOf(request.player, nowMs);
    const resumes = session?.isKey(resumeKey) === true;
    // Its older connection, if it is still here, makes room for this one.
    const older = resumes ? session.member : undefined;
    if (this.#members.size - (older === undefined ? 0 : 1) >= this.#connectionsMax) {
      const message = `room ${this.id} holds ${this.#connectionsMax} connections`;
      throw new HubError("room_full", message);
    }
    const info = request.info === undefined ? undefined : checkPlayerInfo(request.info);
    const receiverOf = (player: Player | null) => {
      const receiver = this.#fanOut.createReceiver(connection, layers, player);
      receiver.skeletons.replace(skeletons);
      return receiver;
    };
    if (request.player === undefined) {
      return this.#admit(new Member(receiverOf(null), null, nowMs), false, nowMs);
    }
    if (session !== undefined && !resumes) {
      throw new HubError("player_taken", session.refusal(request.player, nowMs));
    }
    const player = this.#roster.open(request.player);
    const member = new Member(receiverOf(player), player, nowMs);
    if (session === undefined) {
      const key = isResumeKey(resumeKey) ? resumeKey : this.#host.createResumeKey();
      this.#sessions.set(player, new Session(key, member));
    } else {
      const reason = "this session is on another connection now";
      if (older !== undefined) this.#expel(older, CloseCode.Replaced, reason);
      session.connection = { state: "connected", member };
    }
    if (info !== undefined) player.info = info;
    if (!player.isPresent) {
      this.#enter(player, nowMs);
      // A slot that kept its last frame: whoever saw it leave has forgotten that frame.
      if (player.source !== null) this.#fanOut.markPending(player, nowMs);
    } else if (info !== undefined) this.#broadcastInfo(player);
    return this.#admit(member, resumes, nowMs);
  }

  /** A text message. @throws {ProtocolError} if it breaks a rule; its connection is to be closed. */
  receiveText(member: Member, text: string, nowMs: number): void {
    // What was under way when it left, or was put out: its player may be another's by now.
    if (!this.#members.has(member)) return;
    member.lastHeardMs = nowMs;
    receiveControl(this, member, text, nowMs);
  }

  /** A data message, taken over. @throws {ProtocolError}, {DecodeError} if it breaks a rule. */
  receiveData(member: Member, bytes: Uint8Array<ArrayBuffer>, nowMs: number): void {
    if (!this.#members.has(member)) return;
    member.lastHeardMs = nowMs;
    const type = messageTypeOf(bytes);
    switch (type) {
      case MessageType.Ack:
        this.#fanOut.acknowledge(member.receiver, decodeAck(bytes), nowMs);
        break;
      case MessageType.Frame:
      case MessageType.Skeleton: {
        const { publisher } = member;
        if (publisher === null) {
          throw new ProtocolError(CloseCode.BadMessage, "byte 0: a spectator publishes nothing");
        }
        if (!publisher.receive(type, bytes, nowMs)) return;
        if (type === MessageType.Frame) {
          this.#fanOut.markPending(publisher.player, nowMs);
          this.#host.observer?.framed(this.id, publisher.player);
        }
        break;
      }
      case MessageType.Batch:
      case MessageType.Places: {
        const message = `byte 0: a client sends no messages of type ${type}`;
        throw new ProtocolError(CloseCode.BadMessage, message);
      }
    }
    const { format } = member.connection;
    this.traffic.in[format].add(bytes.length, nowMs, type === MessageType.Frame ? 1 : 0);
  }

  leave(member: Member, nowMs: number): void {
    this.#detach(member);
    this.lastUsedMs = nowMs;
    if (member.player !== null) this.#leave(member.player, nowMs);
    member.connection.close(CloseCode.Left, "goodbye");
  }

  sendFullState({ receiver }: Member, nowMs: number): void {
    this.#fanOut.sendFullState(receiver, nowMs);
  }

  setView({ receiver }: Member, view: ViewMessage, nowMs: number): void {
    this.#fanOut.setView(receiver, view, nowMs);
  }

  relay(message: Extract<ServerMessage, { type: "message" }>, to: string | undefined): boolean {
    if (to === undefined) this.#broadcast(message);
    else {
      const player = this.#roster.get(to);
      const member = player === undefined ? undefined : this.#sessions.get(player)?.member;
      if (member === undefined) return false;
      member.send(message);
    }
    this.#host.observer?.said(this.id, { from: message.from, to, body: message.body });
    return true;
  }

  /** Ends everything: players leave, connections are closed. */
  close(nowMs: number): void {
    for (const member of this.#members) {
      this.#expel(member, CloseCode.Removed, "the room was removed");
    }
    for (const player of this.#roster.all) this.#leave(player, nowMs);
  }

  /** The connection has ended without a goodbye: its player waits for it to come back. */
  disconnect(member: Member, nowMs: number): void {
    if (!this.#detach(member)) return;
    this.lastUsedMs = nowMs;
    const session = member.player === null ? undefined : this.#sessions.get(member.player);
    if (session === undefined) return;
    session.connection = { state: "stale", deadlineMs: nowMs + RESUME_WITHIN_MS };
  }

  /** Sends what is new. */
  tick(nowMs: number): void {
    this.#fanOut.tick(nowMs);
  }

  /** Sends what was left out of batches, of players who have paused since the last call. */
  settle(nowMs: number): void {
    this.#fanOut.settle(nowMs);
  }

  /** Ends what has been silent for too long. Call it every second or so. */
  sweep(nowMs: number): void {
    this.#fanOut.checkAcknowledging(nowMs);
    for (const { lastHeardMs, connection } of this.#members) {
      const silentMs = nowMs - lastHeardMs;
      if (silentMs > SILENCE_MAX_MS) {
        connection.close(CloseCode.Silent, `sent nothing for ${SILENCE_MAX_MS} ms`);
      } else if (silentMs > PING_AFTER_MS) connection.ping();
    }
    for (const [player, session] of this.#sessions) {
      if (session.hasEnded(nowMs)) this.#leave(player, nowMs);
    }
    if (this.#members.size > 0) this.lastUsedMs = nowMs;
  }

  status(nowMs: number): RoomStatus {
    const traffic = createTrafficSum();
    this.addTraffic(nowMs, traffic);
    return {
      id: this.id,
      players: Array.from(this.#roster.all, (player) => player.status(nowMs)),
      connections: this.#members.size,
      tickMs: this.#fanOut.intervalMs,
      superseded: this.superseded,
      selectionSeconds: this.#fanOut.selectionTime.seconds,
      traffic: roundedTraffic(traffic),
    };
  }

  /** Adds what came and went up to `nowMs`, and who is connected, to `out`. */
  addTraffic(nowMs: number, out: TrafficSum): void {
    this.traffic.addTo(nowMs, out);
    for (const format of STREAM_FORMATS) {
      out[format].connections += this.#fanOut.receiverCount(format);
    }
  }

  #admit(member: Member, resumed: boolean, nowMs: number): Member {
    const { connection, player, receiver } = member;
    const session = player === null ? undefined : this.#sessions.get(player);
    this.#members.add(member);
    this.lastUsedMs = nowMs;
    member.send({
      type: "welcome",
      room: this.id,
      player: player === null ? null : presenceOf(player),
      resumeKey: session?.resumeKey ?? null,
      resumed,
      players: Array.from(this.#roster.present, presenceOf),
      rateHz: this.#fanOut.rateHz,
      serverTimeUs: nowMs * 1000,
    });
    connection.subscribe(this.#controlTopic);
    this.#fanOut.add(receiver, nowMs);
    return member;
  }

  /** The session of a player's client, unless it has ended by now. */
  #sessionOf(playerId: string | undefined, nowMs: number): Session | undefined {
    const player = playerId === undefined ? undefined : this.#roster.get(playerId);
    const session = player === undefined ? undefined : this.#sessions.get(player);
    if (player === undefined || session?.hasEnded(nowMs) !== true) return session;
    this.#leave(player, nowMs);
    return undefined;
  }

  /** Closes a member's connection from this side. */
  #expel(member: Member, code: CloseCode, reason: string): void {
    member.connection.close(code, reason);
    this.#detach(member);
  }

  /** Takes a connection out of everything; false if it was out already. */
  #detach(member: Member): boolean {
    if (!this.#members.delete(member)) return false;
    this.#fanOut.remove(member.receiver);
    member.connection.unsubscribe(this.#controlTopic);
    return true;
  }

  /** @throws {HubError} `player_taken` if a streaming client has the player, connected or lost. */
  #checkIsFree(player: Player): void {
    if (!this.#sessions.has(player)) return;
    throw new HubError("player_taken", `a streaming client owns player ${player.id}`);
  }

  /** The player is here: everybody is told. */
  #enter(player: Player, nowMs: number): void {
    this.#roster.enter(player, nowMs);
    this.#broadcast({ type: "joined", player: presenceOf(player) });
    this.#fanOut.tellRate();
    this.#host.observer?.joined(this.id, player);
  }

  /** The player is gone. A fixed slot keeps its last frame for those who ask. */
  #leave(player: Player, nowMs: number): void {
    this.#sessions.delete(player);
    if (player.isPresent) {
      this.#broadcast({ type: "left", index: player.index, id: player.id });
      this.#fanOut.forget(player);
      this.#roster.exit(player, nowMs);
      this.#fanOut.tellRate();
      this.#host.observer?.left(this.id, player);
    }
    if (this.#roster.remove(player)) this.#host.onRemoved(player);
  }

  #broadcastInfo(player: Player): void {
    const { isPresent, index, info } = player;
    if (isPresent) this.#broadcast({ type: "info", index, info });
    this.#host.observer?.infoChanged(this.id, player);
  }

  #broadcast(message: ServerMessage): void {
    this.#host.broadcaster.broadcast(this.#controlTopic, JSON.stringify(message));
  }
}

function presenceOf({ index, id, info }: Player): PlayerPresence {
  return { index, id, info };
}
