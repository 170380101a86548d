// Control messages of a room's members: what each asks for, within its limits.
import { DecodeError } from "../codec/index.ts";
import {
  checkPlayerInfo,
  checkView,
  CloseCode,
  decodeClientMessage,
  jsonByteLength,
  MESSAGE_BYTES_MAX,
  ProtocolError,
} from "../protocol/index.ts";
import type { ClientMessage, PlayerInfo, ServerMessage, ViewMessage } from "../protocol/index.ts";
import type { Member } from "./member.ts";
import type { Player } from "./players/player.ts";

const TOO_MANY = "too many messages: expected 10 a second or fewer";

/** What members can ask of their room. */
export interface ControlledRoom {
  /** The member says goodbye: its player leaves at once. */
  leave(member: Member, nowMs: number): void;
  sendFullState(member: Member, nowMs: number): void;
  setOwnInfo(player: Player, info: PlayerInfo, nowMs: number): void;
  /** From where the member wants to see a crowd; a view that was checked. */
  setView(member: Member, view: ViewMessage, nowMs: number): void;
  /** Sends to a player's client, or to everybody. @returns false if no client plays `to`. */
  relay(message: Extract<ServerMessage, { type: "message" }>, to: string | undefined): boolean;
}

/** Does what a text message asks for. @throws {ProtocolError} if it breaks a rule. */
export function receiveControl(
  room: ControlledRoom,
  member: Member,
  text: string,
  nowMs: number,
): void {
  const message = decodeClientMessage(text);
  switch (message.type) {
    case "join":
      throw new ProtocolError(CloseCode.BadMessage, "$.type: this connection has joined already");
    case "leave":
      return room.leave(member, nowMs);
    case "layers":
      return member.receiver.setLayersWanted(message.layers);
    case "keyframe":
      // Full state is large: a receiver that asks for it all the time gets what is in the batches.
      if (!member.messages.take(nowMs)) return;
      if (message.skeletons !== undefined) member.receiver.skeletons.replace(message.skeletons);
      return room.sendFullState(member, nowMs);
    case "ping":
      return member.send({ type: "pong", id: message.id, serverTimeUs: nowMs * 1000 });
    case "view":
      return receiveView(room, member, message, nowMs);
    case "info":
    case "message":
      return receiveLimited(room, member, message, nowMs);
  }
}

function receiveView(
  room: ControlledRoom,
  member: Member,
  message: ViewMessage,
  nowMs: number,
): void {
  if (!member.messages.take(nowMs)) return member.refuse("rate_limited", TOO_MANY);
  try {
    checkView(message);
  } catch (error) {
    if (error instanceof DecodeError) return member.refuse(error.code, error.message);
    throw error;
  }
  room.setView(member, message, nowMs);
}

function receiveLimited(
  room: ControlledRoom,
  member: Member,
  message: Extract<ClientMessage, { type: "info" | "message" }>,
  nowMs: number,
): void {
  const { player } = member;
  if (player === null) return member.refuse("not_a_player", "a spectator cannot say this");
  if (!member.messages.take(nowMs)) return member.refuse("rate_limited", TOO_MANY);
  if (message.type === "info") {
    try {
      return room.setOwnInfo(player, checkPlayerInfo(message.info), nowMs);
    } catch (error) {
      if (error instanceof DecodeError) {
        return member.refuse(error.code, `$.info: ${error.message}`);
      }
      throw error;
    }
  }
  const { to, body } = message;
  if (jsonByteLength(body) > MESSAGE_BYTES_MAX) {
    return member.refuse(
      "message_too_large",
      `$.body: expected at most ${MESSAGE_BYTES_MAX} bytes`,
    );
  }
  if (room.relay({ type: "message", from: player.id, body }, to)) return;
  const named = JSON.stringify(to?.slice(0, 64));
  return member.refuse("unknown_player", `$.to: no client plays ${named}`);
}
