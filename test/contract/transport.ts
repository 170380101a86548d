// What the suite of transport-contract.ts asks of a transport.
import type { StreamFormat } from "../../src/codec/index.ts";
import type { StreamClient } from "../stream-client.ts";

/** A running server, reached over one kind of transport. */
export interface StreamTransport {
  connect(options: { room: string; format?: StreamFormat }): Promise<StreamClient>;
  /** POST of a frame; the status of the answer. */
  post(room: string, player: string, bytes: Uint8Array<ArrayBuffer>): Promise<number>;
  /** DELETE of a player; the status of the answer. */
  remove(room: string, player: string): Promise<number>;
  /** The frame that GET answers, in JSON. */
  get(room: string, player: string): Promise<Uint8Array<ArrayBuffer>>;
  census(room: string): Promise<Census>;
  /** Lets time pass. Absent with a real clock, which a test cannot move. */
  readonly advance?: (ms: number) => void;
  stop(): Promise<void>;
}

export interface TransportSettings {
  /** Rooms of more players are crowds. */
  readonly crowdAbove?: number;
}

/** Who is in a room: nobody if it does not exist. */
export interface Census {
  readonly connections: number;
  readonly players: number;
  /** Connections that have joined the room. */
  readonly members: number;
  /** Frames that receivers missed because they were behind. */
  readonly withheld: number;
  /** Frames of all its players that were refused. */
  readonly framesRejected: number;
}

export const sumOf = (numbers: readonly number[] = []) =>
  numbers.reduce((sum, each) => sum + each, 0);

export interface TransportKind {
  readonly name: string;
  readonly start: (settings?: TransportSettings) => Promise<StreamTransport>;
  /** Whether `advance` is there: deadlines are tested only where nobody has to wait for them. */
  readonly hasClock: boolean;
  /** Messages of the fuzz. */
  readonly fuzzMessages: number;
}
