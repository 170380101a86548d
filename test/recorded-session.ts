// One receiver's whole conversation with a server, from its join to its goodbye, and what it must show after each
// message: the sessions of vectors/sessions.json. The server is the real one, in memory, with a clock of its own.
import { encodeJson } from "../src/codec/index.ts";
import type { AvatarFrame } from "../src/codec/index.ts";
import { smallFrame } from "./frames.ts";
import { joinPlayer, MemoryClient } from "./memory-client.ts";
import { MemoryServer } from "./memory-server.ts";
import type { Message } from "./memory-server.ts";
import { ROOM, Viewer } from "./runtimes/sessions.ts";
import type { Session, SessionMessage } from "./runtimes/sessions.ts";

/** A receiver of the stream format that keeps what both sides said. */
class RecordingClient extends MemoryClient {
  readonly messages: SessionMessage[] = [];
  readonly #viewer = new Viewer();

  override send(message: Message): void {
    this.messages.push({ from: "client", ...contentOf(message) });
    super.send(message);
  }

  protected override receive(message: Message): void {
    super.receive(message);
    const shows = this.#viewer.read(message);
    const content = { from: "server", ...contentOf(message) } as const;
    this.messages.push(typeof message === "string" ? content : { ...content, shows });
  }
}

function contentOf(message: Message): { text: string } | { hex: string } {
  return typeof message === "string" ? { text: message } : { hex: message.toHex() };
}

/** The small frame, with something that moves in all its parts. */
function movingFrame(time: number): AvatarFrame {
  const frame = smallFrame(time / 100);
  const half = 0.2 * Math.sin(time / 5);
  frame.bones[1].localRotation = { x: Math.sin(half), y: 0, z: 0, w: Math.cos(half) };
  frame.bones[0].localPosition.y = 1 + 0.05 * Math.sin(time / 3);
  frame.blendShapes[0].weight = 0.5 + 0.5 * Math.sin(time / 4);
  return frame;
}

class Stage {
  readonly server = new MemoryServer();
  readonly eve = new RecordingClient(this.server, { room: ROOM, format: "stream" });

  post(player: string, frame: AvatarFrame): void {
    const nowMs = this.server.clock.nowMs;
    const bytes = encodeJson(frame);
    this.server.hub.publish(ROOM, player, { format: "json", bytes, source: "http", nowMs });
  }

  join(player: string): MemoryClient {
    return joinPlayer(this.server, player, { room: ROOM, format: "stream" });
  }

  /** Time passes; eve acknowledges what has come. */
  pass(ms = 34): void {
    this.server.clock.advance(ms);
    if (this.eve.inbox.splice(0).some(({ type }) => type === "batch")) {
      this.eve.acknowledge(this.eve.newestSequence);
    }
  }

  end(name: string): Session {
    this.eve.say({ type: "leave" });
    return { name, messages: this.eve.messages, closed: this.eve.closedWith! };
  }
}

/** A newcomer in the middle of a stream; another skeleton; a player who posts; who says what, and who leaves. */
function smallRoom(): Session {
  const stage = new Stage();
  const { eve, server } = stage;
  const ann = stage.join("ann");
  let time = 0;
  const move = (frames: number) => {
    for (const end = time + frames; time < end; time++) {
      ann.publishFrame(movingFrame(time));
      stage.pass();
    }
  };
  move(6);
  stage.post("bob", movingFrame(1));
  stage.pass();
  eve.join({ player: "eve", info: { displayName: "Eve" } });
  stage.pass();
  move(9);
  ann.say({ type: "info", info: { displayName: "Ann", coordinateSystem: "gltf" } });
  stage.post("bob", movingFrame(2));
  stage.pass();
  ann.say({ type: "message", body: { wave: true } });
  // Another skeleton: one bone less.
  for (; time < 20; time++) {
    const { bones, ...rest } = movingFrame(time);
    ann.publishFrame({ ...rest, bones: bones.slice(0, 1) });
    stage.pass();
  }
  // A frame that only JSON holds, and one that fits again.
  stage.post("bob", { ...movingFrame(3), mood: "glad" } as AvatarFrame);
  stage.pass();
  stage.post("bob", movingFrame(4));
  stage.pass();
  server.hub.removePlayer(ROOM, "bob", server.clock.nowMs);
  stage.pass();
  ann.say({ type: "leave" });
  stage.pass();
  return stage.end("a small room: a newcomer, another skeleton, a player who posts, who leaves");
}

/** A receiver of one layer, which is late and comes back, and asks for more. */
function slowReceiver(): Session {
  const stage = new Stage();
  const { eve, server } = stage;
  const ann = stage.join("ann");
  eve.join({ player: "eve", layers: 1 });
  stage.pass();
  let time = 0;
  const move = (frames: number, run = () => stage.pass()) => {
    for (const end = time + frames; time < end; time++) {
      ann.publishFrame(movingFrame(time));
      ann.acknowledge(ann.newestSequence);
      run();
    }
  };
  // Of a group of four, the first. A pause brings the rest of the last.
  move(7);
  stage.pass(300);
  // Nothing is acknowledged for a second: eve is asked to, gets no batches, and then full state.
  move(36, () => server.clock.advance(34));
  stage.pass();
  stage.pass();
  eve.say({ type: "layers", layers: 3 });
  move(6);
  eve.say({ type: "keyframe" });
  stage.pass();
  move(3);
  return stage.end("a receiver of one layer that is late, then of all three");
}

/** A player who leaves and comes again under another index; the fifth player, and ticks. */
function comeAndGo(): Session {
  const stage = new Stage();
  const { eve } = stage;
  eve.join({ player: "eve" });
  stage.pass();
  const show = (frames: number) => {
    const ann = stage.join("ann");
    for (let time = 0; time < frames; time++) {
      ann.publishFrame(movingFrame(time));
      stage.pass();
    }
    return ann;
  };
  show(3).say({ type: "leave" });
  stage.pass();
  const ann = show(5);
  for (const player of ["bob", "cay", "dan"]) stage.join(player);
  for (let time = 5; time < 9; time++) {
    // Two frames a tick: of layers 0, 1 and 2 those that fit.
    for (const part of [0, 0.5]) {
      ann.publishFrame(movingFrame(time + part));
      stage.pass(17);
    }
  }
  return stage.end("a player who comes again under another index; the fifth player, and ticks");
}

/** The sessions of vectors/sessions.json. */
export function recordSessions(): Session[] {
  return [smallRoom(), slowReceiver(), comeAndGo()];
}
