// How batches reach a receiver: over the topics that it shares with others, or each sent to it alone.
import type { Connection } from "../connections/connection.ts";

export interface Route {
  /** From now on the connection gets whatever is broadcast to those who are sent this number of layers. */
  open(connection: Connection, layers: number): void;
  close(connection: Connection, layers: number): void;
  /** Bytes of all batches after this one, with this number of layers. It has to be a remembered one. */
  bytesAfter(sequence: number, layers: number): number;
}
