// The topics of one audience: batches go out in as many sizes as there are layers, each to its own topic.
import type { StreamFormat } from "../../codec/index.ts";
import type { Connection } from "../connections/connection.ts";

export class LayerTopics {
  /** Topics by the number of layers that their batches carry, 1 and up. */
  readonly names: readonly string[];
  readonly #receiverCounts: number[];

  constructor(roomId: string, format: StreamFormat, layerCount: number) {
    const layerNumbers = Array.from({ length: layerCount + 1 }, (_, layers) => layers);
    this.names = layerNumbers.map((layers) => `${roomId}/${format}/${layers}`);
    this.#receiverCounts = layerNumbers.map(() => 0);
  }

  get layerCount(): number {
    return this.names.length - 1;
  }

  /** How many connections get batches with this number of layers. */
  receiverCount(layers: number): number {
    return this.#receiverCounts[layers];
  }

  subscribe(connection: Connection, layers: number): void {
    connection.subscribe(this.names[layers]);
    this.#receiverCounts[layers]++;
  }

  unsubscribe(connection: Connection, layers: number): void {
    connection.unsubscribe(this.names[layers]);
    this.#receiverCounts[layers]--;
  }
}
