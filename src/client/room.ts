// A room as an application sees it: who is in it, how they move, and what this side publishes.
import type { FrameDocument, Pose, Skeleton, StreamFormat } from "../codec/index.ts";
import { STREAM_FORMATS } from "../codec/format.ts";
import {
  EntryKind,
  jsonByteLength,
  MESSAGE_BYTES_MAX,
  PLAYER_INFO_BYTES_MAX,
  SUBPROTOCOLS,
} from "../protocol/index.ts";
import type {
  BatchReader,
  CoordinateSystem,
  PlayerInfo,
  PlayerPresence,
} from "../protocol/index.ts";
import { checkConnectOptions } from "./connect-options.ts";
import { Connection } from "./connection.ts";
import type {
  ConnectionHandler,
  JoinMessage,
  RoomMessage,
  RoomState,
  WelcomeMessage,
} from "./connection.ts";
import { Emitter } from "./emitter.ts";
import { RoomError } from "./errors.ts";
import { FullStateRequests } from "./full-state-requests.ts";
import { watchPage } from "./page-life.ts";
import type { PageWindow } from "./page-life.ts";
import { Publisher } from "./publisher.ts";
import type { PublishStats } from "./publisher.ts";
import type { ReceivedFrame, RemotePlayer, TrackedPlayer } from "./remote-player.ts";
import type { Place } from "./place-track.ts";
import { RoomPlayers } from "./room-players.ts";
import { clientRuntime } from "./runtime.ts";
import type { ClientRuntime } from "./runtime.ts";
import { pageStorage, SessionKey } from "./session-key.ts";
import type { KeyStorage } from "./session-key.ts";
import { SkeletonStore, skeletonStoreOf } from "./skeleton-store.ts";
import { streamUrl } from "./stream-url.ts";
import { ViewSender } from "./view-sender.ts";
import type { View } from "./view-sender.ts";

/** How to connect. */
export interface ConnectOptions {
  /** The room, if the address names none. Default: `default`. 1 to 64 of `[A-Za-z0-9_-]`. */
  readonly room?: string;
  /** This side's player, 1 to 64 of `[A-Za-z0-9_-]`. Without it this side is a spectator and publishes nothing. */
  readonly player?: string;
  /**
   * The key of an earlier session of this player, to resume it within 10 s. A secret of 16 to 128 characters.
   * Default: the one in `keyStorage`, or a new one.
   */
  readonly resumeKey?: string;
  /**
   * Where the key is kept for the next page or process, by server, room and player. Default: `sessionStorage`
   * in a page, so that a reload resumes the session; nowhere else. null: nowhere.
   */
  readonly keyStorage?: KeyStorage | null;
  /** What this player says of itself. If it names no coordinate system, `coordinateSystem` is added. */
  readonly info?: PlayerInfo;
  /** The format of frames, sent and received. Default: `stream`, a hundredth of the size of JSON. */
  readonly format?: StreamFormat;
  /** Stream format: how many of the 3 temporal layers to receive; 1 is a quarter of the frames. Default: 3. */
  readonly layers?: 1 | 2 | 3;
  /**
   * Stream format: how far off any point of this side's body may be because of one bone, 0.0001 to 1 metre. Half of it
   * costs a fifth more bytes. Default: 0.02; of real motion 99 % of all points are then within 3 to 4 mm.
   */
  readonly errorMetres?: number;
  /** What `sample` converts to. Default: poses stay as they were published. */
  readonly coordinateSystem?: CoordinateSystem;
  /** Parts of the platform to replace, e.g. a WebSocket class. */
  readonly runtime?: Partial<ClientRuntime>;
}

/** An application's message from a player. */
export interface ReceivedMessage {
  /** The sender's id. */
  readonly from: string;
  readonly body: unknown;
}

/** The events of a room. */
export interface RoomEvents {
  /** A player is in the room, or was when this side joined. */
  joined: RemotePlayer;
  left: RemotePlayer;
  /** What a player says of itself has changed. */
  info: RemotePlayer;
  /**
   * A player's `skeleton` is known for the first time, or its names, parents or rest have changed: bind a
   * model to it now. Always after the player's `joined`, and before the `frame` event of the frame that
   * brought it; or after an `info` event that changed the player's coordinate system.
   */
  skeleton: RemotePlayer;
  /**
   * A player has come into this side's sight or gone out of it: `inSight` says which. Out of sight it is not sampled.
   * After the `skeleton` event, and before the `frame` event of the frame with which it came.
   */
  sight: RemotePlayer;
  /** A player has a newer frame: `document`, `pose`, `revision` are new. For smooth motion use `sample`. */
  frame: RemotePlayer;
  message: ReceivedMessage;
  state: RoomState;
  /** How many frames a second the server accepts; 0: no limit. */
  rate: number;
  /** Something was refused or ignored. The room stays open. */
  error: RoomError;
  /** This format cannot hold a player's newest frame; `unavailablePath` is where. Emitted once, until one fits. */
  unavailable: RemotePlayer;
}

/** Counters of one side of a room. */
export interface RoomStats extends Readonly<PublishStats> {
  /** The shortest round trip of the last half minute, milliseconds; null before the first. */
  readonly rttMs: number | null;
  /** Whether capture times are stamped on the server's clock. */
  readonly isSynced: boolean;
  readonly receivedBatches: number;
  /** Frames of players that have left, and frames that were received before. */
  readonly ignoredFrames: number;
}

/**
 * Connects to a room. The room is returned at once, while it connects: listen to its events, or wait for
 * `ready`. A connection that breaks is made again, with the same player, until `leave` or `close`.
 * @param address of the room's stream, of the room, or of the server; ws, wss, http or https.
 * @throws {TypeError} for a text that is no such address; {TypeError} or {RangeError} naming an option that no server
 * accepts; {Error} without a WebSocket (see `runtime`).
 */
export function connect(address: string, options: ConnectOptions = {}): AvatarRoom {
  return new AvatarRoom(address, options);
}

/** A room that `connect` keeps this side in. */
export class AvatarRoom {
  /** Resolves when the room is joined for the first time; rejects with a RoomError if it never will be. */
  readonly ready: Promise<void>;
  readonly #playerId: string | undefined;
  readonly #coordinateSystem: CoordinateSystem | undefined;
  readonly #layers: number | undefined;
  readonly #skeletons: SkeletonStore;
  readonly #fullState: FullStateRequests;
  readonly #now: () => number;
  readonly #emitter = new Emitter<RoomEvents>();
  readonly #players: RoomPlayers;
  readonly #connection: Connection;
  readonly #publisher: Publisher;
  readonly #view: ViewSender;
  #info: PlayerInfo | undefined;
  readonly #key: SessionKey;
  #unwatchPage = () => {};
  #receivedBatches = 0;
  #ignoredFrames = 0;

  /** Use `connect`. */
  constructor(address: string, options: ConnectOptions) {
    checkConnectOptions(options);
    const { room, player, resumeKey, info, format = "stream", coordinateSystem } = options;
    const runtime = clientRuntime(options.runtime);
    this.#playerId = player;
    const url = streamUrl(address, room);
    const { keyStorage = pageStorage(runtime.page) } = options;
    this.#key = new SessionKey({
      storage: player === undefined ? null : keyStorage,
      // Without the query, which may hold a token.
      name: `avatar-sync ${url.split("?", 1)[0]} ${player}`,
      given: resumeKey,
      isOfPage: runtime.page !== null,
    });
    this.#coordinateSystem = coordinateSystem;
    this.#layers = options.layers;
    this.#skeletons =
      format === "stream" ? skeletonStoreOf(url, runtime.webSocket) : new SkeletonStore();
    this.#now = runtime.now;
    this.#info = this.#checkedInfo(info);
    this.#connection = new Connection({
      url,
      subprotocol: SUBPROTOCOLS[STREAM_FORMATS.indexOf(format)],
      runtime,
      handler: this.#handler(),
    });
    this.ready = this.#connection.ready;
    const { clock } = this.#connection;
    this.#players = new RoomPlayers(
      { format, clock, now: runtime.now, coordinateSystem },
      (event, changed) => void this.#emitter.emit(event, changed),
    );
    this.#fullState = new FullStateRequests({
      runtime,
      send: (message) => this.#connection.send(message),
      lacksSkeletons: () => this.#players.lackSkeletons,
      heldSkeletons: () => this.#skeletons.ids,
    });
    this.#view = new ViewSender({
      runtime,
      send: (message) => this.#connection.send(message),
      isMirrored: () => this.#players.areMirrored,
    });
    this.#publisher = new Publisher({
      format,
      link: this.#connection,
      runtime,
      onError: (error) => this.#tellError(error),
      errorMetres: options.errorMetres,
    });
    if (runtime.page !== null) this.#unwatchPage = this.#watchPage(runtime.page);
  }

  /** The state of the connection. `on("state", …)` tells of changes. */
  get state(): RoomState {
    return this.#connection.state;
  }

  /** Everyone else in the room, by id. */
  get players(): ReadonlyMap<string, RemotePlayer> {
    return this.#players.others;
  }

  /** This side's own player as the server sees it; null for a spectator and before the room is joined. */
  get player(): PlayerPresence | null {
    return this.#players.self;
  }

  /** The key to resume this player's session with, a secret; undefined for a spectator. */
  get resumeKey(): string | undefined {
    return this.#playerId === undefined ? undefined : this.#key.value;
  }

  get stats(): RoomStats {
    const { clock } = this.#connection;
    return {
      ...this.#publisher.stats,
      rttMs: clock.rttMs,
      isSynced: clock.isSynced,
      receivedBatches: this.#receivedBatches,
      ignoredFrames: this.#ignoredFrames,
    };
  }

  /** The server's clock at local time `timeMs` (`performance.now`): milliseconds since 1970. */
  serverTimeMs(timeMs: number = this.#now()): number {
    return this.#connection.clock.serverTimeMs(timeMs);
  }

  /** Listens to one kind of event. Call the returned function to stop. */
  on<Name extends keyof RoomEvents>(
    name: Name,
    listener: (event: RoomEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  /**
   * Publishes a frame, or skips it because of the server's rate, a slow line or a missing connection: `stats`
   * counts by cause. A skipped frame is sent a little later if no other follows, so that everybody ends on the
   * newest pose. `captureTimeMs` is when it was captured, on `performance.now`'s clock; a time of another clock
   * is replaced by the present, and told once by an `error` of the code `bad_capture_time`. A frame that was
   * captured before the last one is skipped.
   * @returns whether it was sent.
   * @throws {EncodeError} (json: {DecodeError}) naming a place that cannot be sent; {Error} for a spectator.
   */
  publish(frame: FrameDocument, captureTimeMs: number = this.#now()): boolean {
    this.#checkIsPlayer("publishes nothing");
    return this.#publisher.publish(frame, captureTimeMs);
  }

  /**
   * As `publish`, for a pose. Skeletons are compared by content, so a skeleton made again for each frame is
   * sent once; pass the same object to save the comparison. Never change a skeleton's arrays: a skeleton
   * object that was passed before counts as unchanged. Nothing is allocated while the skeleton is the same,
   * except in json.
   * @throws {RangeError} if the pose has another number of bones or blend shapes than the skeleton;
   * {EncodeError} for a number that is not finite or a name that cannot be sent; {Error} for a spectator.
   */
  publishPose(skeleton: Skeleton, pose: Pose, captureTimeMs: number = this.#now()): boolean {
    this.#checkIsPlayer("publishes nothing");
    return this.#publisher.publishPose(skeleton, pose, captureTimeMs);
  }

  /**
   * The next pose does not continue the motion before it: the player was moved by the application, not by its
   * body. The others see it jump there at once. Call it before the pose is published. If that pose is skipped,
   * the jump is to the next pose that is sent.
   * @throws {Error} for a spectator.
   */
  teleport(): void {
    this.#checkIsPlayer("does not move");
    this.#publisher.teleport();
  }

  /**
   * Replaces what this player says of itself, now or as soon as the room is joined.
   * @throws {RangeError} for more than 4 KiB of JSON; {Error} for a spectator.
   */
  setInfo(info: PlayerInfo): void {
    this.#checkIsPlayer("has no info");
    this.#info = this.#checkedInfo(info);
    this.#connection.send({ type: "info", info: this.#info });
  }

  /**
   * Sends a message (at most 1 KiB of JSON, 10 a second) to one player, or to everyone else.
   * @returns false if there is no connection: the message is then not sent later either.
   * @throws {RangeError} for more than 1 KiB; {TypeError} for what JSON cannot hold; {Error} for a spectator.
   */
  send(body: unknown, to?: string): boolean {
    this.#checkIsPlayer("sends nothing");
    checkSize("message", body, MESSAGE_BYTES_MAX);
    return this.#connection.send({ type: "message", body, ...(to !== undefined && { to }) });
  }

  /** Leaves the room: the others see this player leave at once. */
  leave(): void {
    this.#key.forget();
    this.#publisher.stop();
    this.#connection.close("left");
  }

  /** Ends the connection. The player stays for 10 s, during which its key resumes the session. */
  close(): void {
    this.#key.keep();
    this.#publisher.stop();
    this.#connection.close("closed");
  }

  /**
   * For a render loop: writes every player's pose at `timeMs` of `performance.now` into `out`, by id.
   * Poses in `out` are used again. A pose is created when a player appears or its skeleton changes, and removed
   * when the player has left or is out of sight. See `RemotePlayer.sample` for what the poses are.
   */
  sample(timeMs: number, out: Map<string, Pose>): Map<string, Pose> {
    return this.#players.sample(timeMs, out);
  }

  /**
   * For those who draw a crowd: writes everyone's place at `timeMs` of `performance.now` into `out`, by id, also of players
   * who are out of sight, interpolated a little in the past. Places in `out` are used again. A player is missing until
   * something is known of it, and is removed when it has left.
   */
  samplePlaces(timeMs: number, out: Map<string, Place>): Map<string, Place> {
    return this.#players.samplePlaces(timeMs, out);
  }

  /**
   * Says from where this side sees a crowd, whom it wants to see in full, and how much it can take. It replaces the view
   * before as a whole and is kept over reconnections. Call it as often as the camera moves: what has changed is sent, at
   * most 5 times a second. In a room that is no crowd everybody is in sight, whatever the view.
   * @throws {RangeError} naming what no server accepts.
   */
  setView(view: View): void {
    this.#view.set(view);
  }

  #handler(): ConnectionHandler {
    return {
      joinMessage: () => this.#joinMessage(),
      onWelcome: (message) => this.#welcome(message),
      onMessage: (message) => this.#receive(message),
      onBatch: (batch, arrivalMs) => this.#receiveBatch(batch, arrivalMs),
      onPlaces: (places, arrivalMs) => this.#players.receivePlaces(places, arrivalMs),
      onState: (state) => this.#changeState(state),
      onError: (error) => this.#tellError(error),
    };
  }

  #changeState(state: RoomState): void {
    if (state.name !== "joined") this.#view.stop();
    if (state.name === "closed") this.#unwatchPage();
    if (this.#emitter.emit("state", state)) return;
    if (state.name === "closed" && state.error !== null) console.error(saidOf(state.error));
  }

  /** An error that nobody listens to is told on the console. */
  #tellError(error: RoomError): void {
    if (!this.#emitter.emit("error", error)) console.warn(saidOf(error));
  }

  /** Leaves with the page. The key stays for the page that is loaded next. */
  #watchPage(page: PageWindow): () => void {
    return watchPage(page, {
      gone: () => {
        this.#publisher.stop();
        this.#key.keep();
        this.#connection.close("left");
      },
      stored: () => {
        this.#key.keep();
        this.#connection.suspend();
      },
      back: () => {
        this.#key.use();
        this.#connection.hurry();
      },
      awake: () => this.#connection.hurry(),
    });
  }

  #joinMessage(): JoinMessage {
    const skeletons = this.#skeletons.ids;
    const receives = {
      ...(this.#layers !== undefined && { layers: this.#layers }),
      ...(skeletons.length > 0 && { skeletons }),
    };
    if (this.#playerId === undefined) return { type: "join", ...receives };
    return {
      type: "join",
      ...receives,
      player: this.#playerId,
      // Sent the first time too: if the welcome is lost, this client still knows the key.
      resumeKey: this.#key.value,
      ...(this.#info !== undefined && { info: this.#info }),
    };
  }

  #welcome({ player, resumeKey, players, rateHz }: WelcomeMessage): void {
    this.#players.self = player;
    if (resumeKey !== null && resumeKey !== this.#key.value) this.#key.value = resumeKey;
    this.#setRate(rateHz);
    this.#publisher.restart();
    this.#players.welcome(players);
    this.#view.restart();
  }

  #receive(message: RoomMessage): void {
    switch (message.type) {
      case "joined":
        this.#players.enter(message.player);
        return this.#view.update();
      case "players":
        for (const player of message.players) this.#players.enter(player);
        return this.#view.update();
      case "presence":
        for (const { id } of message.left) this.#players.leave(id);
        for (const player of message.joined) this.#players.enter(player);
        return this.#view.update();
      case "left":
        return this.#players.leave(message.id);
      case "info":
        this.#players.setInfo(message.index, message.info);
        return this.#view.update();
      case "message":
        // The server sends a room's message to its sender too.
        if (message.from === this.#players.self?.id) return;
        this.#emitter.emit("message", { from: message.from, body: message.body });
        return;
      case "rate":
        return this.#setRate(message.rateHz);
      case "unavailable": {
        const player = this.#players.at(message.index);
        if (player === undefined) return;
        player.unavailablePath = message.path;
        this.#emitter.emit("unavailable", player);
        return;
      }
      case "error": {
        const { code, message: text } = message;
        const error = new RoomError("refused", `${code}: ${text}`, { serverCode: code });
        return this.#tellError(error);
      }
    }
  }

  #receiveBatch(batch: BatchReader, arrivalMs: number): void {
    this.#receivedBatches++;
    const { isFullState } = batch;
    while (batch.next()) {
      // [S37] Whoever it is of: the server knows by what it has sent.
      const skeleton =
        batch.kind === EntryKind.Skeleton
          ? this.#skeletons.receive(batch.skeletonId, batch.payload)
          : undefined;
      // [S14] This side's own player is not among the others.
      const player = this.#players.at(batch.playerIndex);
      if (player === undefined) {
        if (batch.playerIndex !== this.#players.self?.index) this.#ignoredFrames++;
        continue;
      }
      player.lastBatch = this.#receivedBatches;
      switch (batch.kind) {
        case EntryKind.Skeleton:
          player.receiveSkeleton(batch.skeletonId, skeleton);
          if (skeleton === undefined) this.#fullState.ask();
          break;
        case EntryKind.OutOfSight:
          this.#players.loseSightOf(player);
          break;
        case EntryKind.Frame: {
          const { revision, frame, payload, captureTimeUs } = batch;
          const captureMs = captureTimeUs / 1000;
          const received = { revision, mark: frame, payload, captureMs, arrivalMs, isFullState };
          this.#receiveFrame(player, received);
        }
      }
    }
    if (isFullState) this.#players.loseSightOfOthersThan(this.#receivedBatches);
  }

  #receiveFrame(player: TrackedPlayer, frame: ReceivedFrame): void {
    const { error: earlierError, unavailablePath: earlierPath, skeleton, inSight } = player;
    switch (player.receive(frame)) {
      case "old":
        this.#ignoredFrames++;
        return;
      case "lost":
        return this.#fullState.ask();
      case "bad": {
        // Emit once, not 90 times a second: `stats.badFrames` counts.
        if (earlierError !== undefined || player.error === undefined) return;
        const message = `player ${player.id}: ${player.error.message}`;
        const details = { playerId: player.id, cause: player.error };
        return this.#tellError(new RoomError("bad_frame", message, details));
      }
      case "taken":
        if (player.skeleton !== skeleton) this.#emitter.emit("skeleton", player);
        if (player.inSight !== inSight) this.#emitter.emit("sight", player);
        this.#emitter.emit("frame", player);
        if (player.unavailablePath !== undefined && earlierPath === undefined) {
          this.#emitter.emit("unavailable", player);
        }
    }
  }

  #setRate(rateHz: number): void {
    this.#publisher.rateHz = rateHz;
    this.#emitter.emit("rate", rateHz);
  }

  #checkIsPlayer(does: string): void {
    if (this.#playerId === undefined) {
      throw new Error(`a spectator ${does}: connect with the option player`);
    }
  }

  #checkedInfo(info: PlayerInfo | undefined): PlayerInfo | undefined {
    const system = this.#coordinateSystem;
    const said = system === undefined ? info : { coordinateSystem: system, ...info };
    if (said !== undefined) checkSize("info", said, PLAYER_INFO_BYTES_MAX);
    return said;
  }
}

const saidOf = ({ code, message }: RoomError) => `avatar-sync: ${code}: ${message}`;

/** Throws for what the server would refuse because of its size. */
function checkSize(what: string, value: unknown, bytesMax: number): void {
  const length = jsonByteLength(value);
  if (length > bytesMax) {
    throw new RangeError(`the ${what} has ${length} bytes of JSON; expected ${bytesMax} or fewer`);
  }
}
