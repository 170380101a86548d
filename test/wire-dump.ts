// The hex dump of docs/protocol.md: what a publisher and a receiver and a server say, field by field, as the real code
// says it.
import { createPose, poseOf, skeletonOf } from "../src/codec/index.ts";
import type { AvatarFrame } from "../src/codec/index.ts";
import { encodeAck, StreamPublication } from "../src/protocol/index.ts";
import { MemoryClient } from "./memory-client.ts";
import { MemoryServer } from "./memory-server.ts";
import type { Message } from "./memory-server.ts";

export const DUMP_BEGIN = "<!-- wire dump -->";
export const DUMP_END = "<!-- end of the wire dump -->";

/** A client of the stream format that keeps the bytes that it was sent. */
class Keeper extends MemoryClient {
  readonly batches: Uint8Array<ArrayBuffer>[] = [];

  protected override receive(message: Message): void {
    super.receive(message);
    if (typeof message !== "string") this.batches.push(message.slice());
  }
}

/** One bone and one weight. */
function frameAt(x: number): AvatarFrame {
  const unscaled = { x: 1, y: 1, z: 1 };
  const notTurned = { x: 0, y: 0, z: 0, w: 1 };
  return {
    rootTransform: {
      worldPosition: { x, y: 0, z: 0 },
      worldRotation: notTurned,
      localScale: unscaled,
    },
    bones: [
      {
        name: "Hips",
        localPosition: { x: 0, y: 1, z: 0 },
        localRotation: notTurned,
        localScale: unscaled,
      },
    ],
    blendShapes: [{ name: "jawOpen", weight: 0.5 }],
    timestamp: 0,
    server_timestamp: 0,
  };
}

/** Takes a message apart, field by field. */
class Dump {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #lines: string[];
  at = 0;

  constructor(bytes: Uint8Array, lines: string[]) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#lines = lines;
  }

  get isAtEnd(): boolean {
    return this.at === this.#bytes.length;
  }

  /** The next `count` bytes on a line of their own, or on more where they are many. */
  field(count: number, meaning: string): number {
    const from = this.at;
    this.at += count;
    for (let at = from; at < this.at || at === from; at += 16) {
      const hex = this.#bytes.subarray(at, Math.min(at + 16, this.at)).toHex();
      const text = at === from ? meaning : "";
      this.#lines.push(`  ${hex.padEnd(34)}${text}`.trimEnd());
    }
    return from;
  }

  u8(meaning: (value: number) => string): number {
    const value = this.#bytes[this.at];
    this.field(1, meaning(value));
    return value;
  }

  u16(meaning: (value: number) => string): number {
    const value = this.#view.getUint16(this.at, true);
    this.field(2, meaning(value));
    return value;
  }

  u32(meaning: (value: number) => string): void {
    this.field(4, meaning(this.#view.getUint32(this.at, true)));
  }

  f64(meaning: (value: number) => string): void {
    this.field(8, meaning(this.#view.getFloat64(this.at, true)));
  }

  varint(meaning: (value: number) => string): number {
    let [value, count] = [0, 0];
    do value += (this.#bytes[this.at + count] % 128) * 128 ** count;
    while (this.#bytes[this.at + count++] >= 128);
    this.field(count, meaning(value));
    return value;
  }

  rest(meaning: string): void {
    this.field(this.#bytes.length - this.at, meaning);
  }

  name(): void {
    const length = this.u8((value) => `length of a name: ${value}`);
    const text = new TextDecoder().decode(this.#bytes.subarray(this.at, this.at + length));
    this.field(length, `"${text}"`);
  }
}

function dumpSkeleton(dump: Dump): void {
  dump.u8((version) => `version ${version}`);
  const flags = dump.u8((value) => `flags ${value}: no parents, no rest pose`);
  if (flags !== 0) throw new Error(`flags ${flags} are not in the dump`);
  dump.field(4, "weightScale: 1");
  const bones = dump.u16((count) => `${count} bone`);
  const weights = dump.u16((count) => `${count} blend shape`);
  const transform = (whose: string) => {
    dump.field(6, `steps of ${whose}: rotation, position, scale`);
    dump.field(40, `rest of ${whose}: position, rotation, scale`);
  };
  transform("the root");
  for (let bone = 0; bone < bones; bone++) {
    dump.name();
    transform("the bone");
  }
  for (let weight = 0; weight < weights; weight++) dump.name();
}

function dumpBatch(dump: Dump): void {
  dump.u8((type) => (type === 0x13 ? "a batch, full state" : "a batch"));
  dump.u32((sequence) => `sequence ${sequence}`);
  dump.f64((time) => `serverTime ${time}`);
  let index = 0;
  while (!dump.isAtEnd) {
    dump.varint((step) => `indexStep ${step}: player ${(index += step)}`);
    const head = dump.u8((value) => {
      const kind = ["", "skeleton", "frame", "out of sight"][value & 15];
      return `${kind}${value & 16 ? ", keyframe" : ""}${value & 32 ? ", the revision follows" : ""}`;
    });
    if ((head & 15) === 1) {
      dump.field(8, "content id");
      const length = dump.varint((value) => `length ${value}`);
      dump.field(length, "the skeleton as above, from its version on");
    } else {
      dump.u8((number) => `number ${number}`);
      if (head & 32) dump.varint((revision) => `revision ${revision}`);
      dump.varint((code) => `age ${code}: ${code / 2} x 100 us`);
      const length = dump.varint((value) => `length ${value}`);
      if (length > 0) dump.field(length, "payload");
    }
  }
}

/** The dump, as the fenced block of the document. */
export function wireDump(): string {
  const lines: string[] = [];
  const say = (who: string, what: string) => lines.push("", `${who}: ${what}`);
  const server = new MemoryServer();
  const options = { room: "stage", format: "stream" } as const;
  const [ann, eve] = [new Keeper(server, options), new Keeper(server, options)];
  const text = (client: MemoryClient, who: string, message: object) => {
    say(who, JSON.stringify(message));
    client.send(JSON.stringify(message));
  };
  text(ann, "ann", { type: "join", player: "ann" });
  const publication = new StreamPublication();
  const publish = (x: number, what: string) => {
    const skeleton = skeletonOf(frameAt(x));
    const captureTimeUs = (Math.floor(server.clock.nowMs * 1000) - 5_000) % 2 ** 32;
    const pose = poseOf(frameAt(x), createPose(skeleton));
    const frame = publication.encode(skeleton, pose, { captureTimeUs }).slice();
    const opening = publication.opening?.slice();
    if (opening !== undefined) {
      say("ann", "her skeleton");
      const dump = new Dump(opening, lines);
      dump.u8(() => "a skeleton");
      dumpSkeleton(dump);
      ann.send(opening);
    }
    say("ann", what);
    const dump = new Dump(frame, lines);
    dump.u8((flags) => `a frame${flags & 16 ? ", keyframe" : ""}, teleport count ${flags >> 6}`);
    dump.u8((number) => `number ${number}`);
    dump.u32((time) => `captureTime ${time}`);
    dump.rest("payload");
    ann.send(frame);
  };
  publish(1, "her first frame");
  server.clock.advance(40);
  text(eve, "eve", { type: "join", player: "eve", layers: 3 });
  say("the server to eve", "welcome, and full state");
  dumpBatch(new Dump(eve.batches[0], lines));
  publish(1.05, "another frame");
  server.clock.advance(40);
  say("the server to eve", "a batch");
  dumpBatch(new Dump(eve.batches[1], lines));
  say("eve", "an acknowledgement");
  const ack = encodeAck(eve.newestSequence);
  const dump = new Dump(ack, lines);
  dump.u8(() => "an acknowledgement");
  dump.u32((sequence) => `sequence ${sequence}`);
  eve.send(ack);
  if (eve.closedWith !== undefined) throw new Error(eve.closedWith.reason);
  return ["```", ...lines.slice(1), "```"].join("\n");
}

/** The document with the dump in its place. */
export function withWireDump(document: string): string {
  const begin = document.indexOf(DUMP_BEGIN);
  const end = document.indexOf(DUMP_END);
  if (begin < 0 || end < begin) throw new Error("the document has no place for the dump");
  return `${document.slice(0, begin + DUMP_BEGIN.length)}\n\n${wireDump()}\n\n${document.slice(end)}`;
}
