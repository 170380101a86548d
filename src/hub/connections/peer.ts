// One client's conversation with the hub, over any transport: it joins a room with its first message, says
// what it says, and is closed when it breaks a rule.
import { DecodeError } from "../../codec/index.ts";
import { CloseCode, decodeClientMessage, ProtocolError } from "../../protocol/index.ts";
import { HubError } from "../errors.ts";
import type { HubErrorCode } from "../errors.ts";
import type { Hub } from "../hub.ts";
import type { Member } from "../member.ts";
import type { Room } from "../room.ts";
import type { Connection, Message } from "./connection.ts";

/** A client that connects and says nothing holds a place for this long. */
const JOIN_WITHIN_MS = 10_000;

type PeerState =
  | { readonly state: "joining"; readonly deadlineMs: number }
  | { readonly state: "joined"; readonly room: Room; readonly member: Member }
  | { readonly state: "left" };

const CLOSE_CODES: Readonly<Record<HubErrorCode, CloseCode>> = {
  bad_id: CloseCode.BadMessage,
  too_many_rooms: CloseCode.Full,
  room_full: CloseCode.Full,
  player_taken: CloseCode.PlayerTaken,
};

/** Told what becomes of clients. */
export interface PeerObserver {
  /** The peer has joined its room. */
  joined(peer: Peer): void;
  /** A bug of ours has ended a connection. */
  failed(error: unknown): void;
}

export interface PeerOptions {
  readonly connection: Connection;
  readonly roomId: string;
  readonly observer: PeerObserver;
}

export class Peer {
  readonly connection: Connection;
  readonly roomId: string;
  readonly #hub: Hub;
  readonly openedMs: number;
  readonly #observer: PeerObserver;
  #state: PeerState;
  #playerId: string | undefined;

  constructor(hub: Hub, { connection, roomId, observer }: PeerOptions, nowMs: number) {
    this.#hub = hub;
    this.#observer = observer;
    this.openedMs = nowMs;
    this.connection = connection;
    this.roomId = roomId;
    this.#state = { state: "joining", deadlineMs: nowMs + JOIN_WITHIN_MS };
  }

  /** Whom it plays or played; undefined for a spectator, and before it joins. */
  get playerId(): string | undefined {
    return this.#playerId;
  }

  get isJoined(): boolean {
    return this.#state.state === "joined";
  }

  /** Takes the client's next message. A data message's memory is taken over. */
  receive(message: Message, nowMs: number): void {
    const current = this.#state;
    try {
      switch (current.state) {
        case "joining":
          return this.#join(message, nowMs);
        case "joined":
          if (typeof message === "string") current.room.receiveText(current.member, message, nowMs);
          else current.room.receiveData(current.member, message, nowMs);
          return;
        case "left":
          // What was under way when the connection was closed.
          return;
      }
    } catch (error) {
      const [code, reason] = this.#closeFor(error);
      this.end(nowMs);
      this.connection.close(code, reason);
    }
  }

  /** The client's end of the line has answered a ping. */
  answered(nowMs: number): void {
    if (this.#state.state === "joined") this.#state.member.lastHeardMs = nowMs;
  }

  /** The connection has ended. */
  end(nowMs: number): void {
    const ended = this.#state;
    this.#state = { state: "left" };
    if (ended.state === "joined") ended.room.disconnect(ended.member, nowMs);
  }

  /** Closes a connection that does not join. */
  sweep(nowMs: number): void {
    if (this.#state.state !== "joining" || nowMs < this.#state.deadlineMs) return;
    this.connection.close(CloseCode.JoinRequired, `expected join within ${JOIN_WITHIN_MS} ms`);
  }

  #join(message: Message, nowMs: number): void {
    const request = typeof message === "string" ? decodeClientMessage(message) : undefined;
    if (request?.type !== "join") {
      throw new ProtocolError(CloseCode.JoinRequired, "expected join as the first message");
    }
    const joined = this.#hub.join(this.roomId, this.connection, request, nowMs);
    this.#state = { state: "joined", ...joined };
    this.#playerId = joined.member.player?.id;
    this.#observer.joined(this);
  }

  #closeFor(error: unknown): [code: number, reason: string] {
    if (error instanceof ProtocolError) return [error.closeCode, shorten(error.message)];
    if (error instanceof HubError) return [CLOSE_CODES[error.code], shorten(error.message)];
    if (error instanceof DecodeError) return [CloseCode.BadMessage, shorten(error.message)];
    this.#observer.failed(error);
    return [1011, "the server failed; its log says how"];
  }
}

// The reason of a close frame holds 123 bytes.
const REASON_LENGTH_MAX = 120;

function shorten(text: string): string {
  // The text may quote a client: characters beyond ASCII could pass the limit in UTF-8.
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, REASON_LENGTH_MAX);
}
