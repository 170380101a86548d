import { beforeEach, expect, test } from "bun:test";
import { Group, InstancedMesh, Object3D, Scene } from "three";
import { smallFrame } from "../../test/frames.ts";
import { FakeRuntime } from "../../test/fake-runtime.ts";
import { connect } from "../client/index.ts";
import type { AvatarRoom } from "../client/index.ts";
import { encodeBinary } from "../codec/index.ts";
import type { AvatarFrame, Pose, Skeleton } from "../codec/index.ts";
import { BatchWriter, PlacesWriter } from "../protocol/index.ts";
import type { ServerMessage } from "../protocol/index.ts";
import type { Avatar } from "./avatar.ts";
import { DefaultBody } from "./body/default-body.ts";
import { RoomAvatars } from "./room-avatars.ts";
import type { RoomAvatarsOptions } from "./room-avatars.ts";

const BOB = { index: 1, id: "bob", info: { coordinateSystem: "gltf" } };
const CAROL = { index: 2, id: "carol", info: {} };

let runtime: FakeRuntime;
let room: AvatarRoom;
let avatars: RoomAvatars;

beforeEach(() => {
  runtime = new FakeRuntime();
  room = connect("ws://host", { format: "binary", coordinateSystem: "gltf", runtime });
  runtime.socket.open();
  runtime.socket.receive({
    type: "welcome",
    room: "default",
    player: null,
    resumeKey: null,
    resumed: false,
    players: [BOB],
    rateHz: 0,
    serverTimeUs: runtime.nowMs * 1000,
  });
});

function show(options?: RoomAvatarsOptions): void {
  avatars = new RoomAvatars(room, options);
}

const receive = (message: ServerMessage) => runtime.socket.receive(message);

const writer = new BatchWriter();
let sequence = 0;

/** A frame arrives, and a second later, when it has been played out, the screen is drawn. */
function receiveFrame(index: number, frame: AvatarFrame): void {
  const timeUs = runtime.nowMs * 1000;
  writer.begin({ sequence: ++sequence, serverTimeUs: timeUs, isFullState: false });
  const entry = { isKey: true, number: 0, teleports: 0, captureTimeUs: timeUs };
  writer.addFrame(index, entry, sequence, encodeBinary(frame));
  runtime.socket.receive(writer.finish());
  draw();
}

function draw(): void {
  runtime.advance(1000);
  avatars.update(runtime.nowMs);
}

/** An avatar that remembers what it was asked for. */
class Recorder implements Avatar {
  readonly object = new Group();
  readonly skeletons: Skeleton[] = [];
  x = NaN;
  isDisposed = false;

  apply(skeleton: Skeleton, pose: Pose): void {
    if (this.skeletons.at(-1) !== skeleton) this.skeletons.push(skeleton);
    this.x = pose.root[0];
  }

  dispose(): void {
    this.isDisposed = true;
    this.object.removeFromParent();
  }
}

const objectOf = (id: string) => avatars.get(id)?.object;

test("a player has a default body as soon as its skeleton is known, and where it is", () => {
  show();
  draw();
  expect(avatars.children).toEqual([]);
  receiveFrame(1, smallFrame(5));
  expect(avatars.get("bob")).toBeInstanceOf(DefaultBody);
  expect(avatars.children).toEqual([objectOf("bob")!]);
  expect(objectOf("bob")!.position.toArray()).toEqual([5, 2, 3]);
  receiveFrame(1, smallFrame(6));
  expect(objectOf("bob")!.position.x).toBe(6);
});

test("who leaves is disposed of; who leaves and comes again between two frames has a new body", () => {
  const made: Recorder[] = [];
  show({ createAvatar: () => (made.push(new Recorder()), made.at(-1)!) });
  receive({ type: "joined", player: CAROL });
  receiveFrame(1, smallFrame(1));
  receiveFrame(2, smallFrame(2));
  receive({ type: "left", index: 2, id: "carol" });
  receive({ type: "left", index: 1, id: "bob" });
  receive({ type: "joined", player: { ...BOB, index: 2 } });
  receiveFrame(2, smallFrame(3));
  expect(made.map(({ isDisposed, x }) => [isDisposed, x])).toEqual([
    [true, 1],
    // Carol speaks in Unity's coordinates, where x is the other way.
    [true, -2],
    [false, 3],
  ]);
  expect(avatars.get("carol")).toBeUndefined();
  expect(avatars.children).toEqual([made[2].object]);
});

test("who is out of sight is not drawn, and has the same avatar later", () => {
  const made: Recorder[] = [];
  show({ createAvatar: () => (made.push(new Recorder()), made.at(-1)!) });
  receiveFrame(1, smallFrame(1));
  expect(avatars.children).toEqual([made[0].object]);
  writer.begin({ sequence: ++sequence, serverTimeUs: runtime.nowMs * 1000, isFullState: true });
  runtime.socket.receive(writer.finish());
  draw();
  expect(avatars.children).toEqual([]);
  expect([made[0].isDisposed, avatars.get("bob")]).toEqual([false, made[0]]);
  receiveFrame(1, smallFrame(3));
  expect(avatars.children).toEqual([made[0].object]);
  expect([made.length, made[0].x]).toEqual([1, 3]);
});

test("the same avatar is told of another skeleton", () => {
  const avatar = new Recorder();
  show({ createAvatar: () => avatar });
  receiveFrame(1, smallFrame(1));
  receiveFrame(1, { ...smallFrame(2), bones: [] });
  expect(avatar.skeletons.map(({ boneNames }) => boneNames)).toEqual([["Hips", "Head"], []]);
  expect(avatar.x).toBe(2);
});

test("while an avatar loads the player has a default body", async () => {
  const avatar = new Recorder();
  const loading = Promise.withResolvers<Avatar>();
  show({ createAvatar: () => loading.promise });
  receiveFrame(1, smallFrame(1));
  const standIn = objectOf("bob")!;
  expect(avatars.get("bob")).toBeInstanceOf(DefaultBody);
  loading.resolve(avatar);
  await loading.promise;
  expect(avatars.get("bob")).toBe(avatar);
  expect(avatar.x).toBe(1);
  expect(avatars.children).toEqual([avatar.object]);
  expect(standIn.parent).toBeNull();
  receiveFrame(1, smallFrame(2));
  expect(avatar.x).toBe(2);
});

test("an avatar that has loaded when its player has left is disposed of", async () => {
  const [early, late] = [new Recorder(), new Recorder()];
  const loading = [Promise.withResolvers<Avatar>(), Promise.withResolvers<Avatar>()];
  const waiting = loading.map(({ promise }) => promise);
  show({ createAvatar: () => waiting.shift()! });
  receiveFrame(1, smallFrame(1));
  receive({ type: "left", index: 1, id: "bob" });
  receive({ type: "joined", player: BOB });
  receiveFrame(1, smallFrame(2));
  loading[0].resolve(early);
  loading[1].resolve(late);
  await Promise.all(loading.map(({ promise }) => promise));
  expect([early.isDisposed, late.isDisposed, avatars.get("bob")]).toEqual([true, false, late]);
});

for (const [how, createAvatar] of [
  [
    "throws",
    () => {
      throw new Error("no such file");
    },
  ],
  ["rejects", () => Promise.reject(new Error("no such file"))],
] as const) {
  test(`createAvatar that ${how} is told of once, and the player keeps the default body`, async () => {
    const errors: string[] = [];
    show({
      createAvatar,
      onError: (error, { id }) => errors.push(`${id}: ${(error as Error).message}`),
    });
    receiveFrame(1, smallFrame(1));
    await Promise.resolve();
    receiveFrame(1, smallFrame(2));
    await Promise.resolve();
    expect(errors).toEqual(["bob: no such file"]);
    expect(avatars.get("bob")).toBeInstanceOf(DefaultBody);
    expect(objectOf("bob")!.position.x).toBe(2);
  });
}

test("an avatar that throws when applied is told of once and replaced, and everybody else is shown", () => {
  const [broken, carol] = [new Recorder(), new Recorder()];
  broken.apply = () => {
    throw new Error("no bones");
  };
  const errors: string[] = [];
  show({
    createAvatar: ({ id }) => (id === "bob" ? broken : carol),
    onError: (error, { id }) => errors.push(`${id}: ${(error as Error).message}`),
  });
  receive({ type: "joined", player: CAROL });
  receiveFrame(1, smallFrame(1));
  receiveFrame(2, smallFrame(2));
  expect(carol.x).toBe(-2);
  receiveFrame(1, smallFrame(3));
  expect(errors).toEqual(["bob: no bones"]);
  expect([broken.isDisposed, avatars.get("bob")]).toEqual([true, expect.any(DefaultBody)]);
  expect(objectOf("bob")!.position.x).toBe(3);
  expect(avatars.children).toEqual([objectOf("bob")!, carol.object]);
});

test("an avatar that throws after it has shown its player is replaced too", () => {
  const bob = new Recorder();
  const errors: unknown[] = [];
  show({ createAvatar: () => bob, onError: (error) => errors.push(error) });
  receiveFrame(1, smallFrame(1));
  bob.apply = () => {
    throw new Error("gone");
  };
  receiveFrame(1, smallFrame(2));
  expect(errors).toEqual([new Error("gone")]);
  expect([bob.isDisposed, objectOf("bob")!.position.x]).toEqual([true, 2]);
});

test("after dispose an update makes and shows nobody", () => {
  const made: Recorder[] = [];
  show({ createAvatar: () => (made.push(new Recorder()), made.at(-1)!) });
  receiveFrame(1, smallFrame(1));
  avatars.dispose();
  receive({ type: "joined", player: CAROL });
  receiveFrame(2, smallFrame(1));
  receiveFrame(1, smallFrame(2));
  expect(made.map(({ x }) => x)).toEqual([1]);
  expect([avatars.children, avatars.get("bob"), avatars.get("carol")]).toEqual([
    [],
    undefined,
    undefined,
  ]);
});

test("dispose disposes of every avatar, of those that still load too, and leaves the scene", async () => {
  const [bob, carol] = [new Recorder(), new Recorder()];
  const loading = Promise.withResolvers<Avatar>();
  show({ createAvatar: ({ id }) => (id === "bob" ? bob : loading.promise) });
  const scene = new Scene().add(avatars);
  receive({ type: "joined", player: CAROL });
  receiveFrame(1, smallFrame(1));
  receiveFrame(2, smallFrame(1));
  avatars.dispose();
  loading.resolve(carol);
  await loading.promise;
  expect([bob.isDisposed, carol.isDisposed]).toEqual([true, true]);
  expect([scene.children, avatars.children]).toEqual([[], []]);
});

test("dispose works with a three.js whose objects have no dispose of their own, and once more", () => {
  const dispose = Object.getOwnPropertyDescriptor(Object3D.prototype, "dispose")!;
  Reflect.deleteProperty(Object3D.prototype, "dispose");
  try {
    const bob = new Recorder();
    show({ createAvatar: () => bob });
    let heard = 0;
    avatars.addEventListener("dispose", () => heard++);
    receiveFrame(1, smallFrame(1));
    avatars.dispose();
    expect([bob.isDisposed, heard]).toEqual([true, 1]);
    avatars.dispose();
    expect(avatars.children).toEqual([]);
  } finally {
    Object.defineProperty(Object3D.prototype, "dispose", dispose);
  }
});

test("a promise of nothing, or of an avatar that cannot show the player, leaves the default body", async () => {
  const broken = new Recorder();
  broken.apply = () => {
    throw new Error("no bones");
  };
  for (const avatar of [undefined as unknown as Avatar, broken]) {
    const errors: unknown[] = [];
    show({ createAvatar: () => Promise.resolve(avatar), onError: (error) => errors.push(error) });
    receiveFrame(1, smallFrame(1));
    const standIn = avatars.get("bob")!;
    await Bun.sleep(0);
    receiveFrame(1, smallFrame(2));
    expect(errors).toEqual([expect.any(Error)]);
    expect([avatars.get("bob"), avatars.children]).toEqual([standIn, [standIn.object]]);
    expect(standIn.object.position.x).toBe(2);
  }
});

/** Everybody's place arrives: bob's and carol's. */
function receivePlaces(x: number): void {
  const places = new PlacesWriter();
  const serverTimeUs = runtime.nowMs * 1000;
  places.begin({ serverTimeUs, originX: 0, originY: 0, originZ: 0 });
  places.add(BOB.index, x, 0, 0, 0);
  places.add(CAROL.index, x + 1, 0, 0, 0);
  runtime.socket.receive(places.finish());
}

const standIns = () => avatars.children.find((each) => each instanceof InstancedMesh);

test("who is out of sight has a stand-in, and who enters has a body instead", () => {
  show();
  receive({ type: "joined", player: CAROL });
  draw();
  expect(standIns()).toBeUndefined();
  receivePlaces(2);
  draw();
  expect(standIns()?.count).toBe(2);
  receiveFrame(BOB.index, smallFrame(1));
  expect(standIns()?.count).toBe(1);
  expect(avatars.get("bob")?.object.parent).toBe(avatars);
  receive({ type: "left", index: CAROL.index, id: "carol" });
  draw();
  expect(standIns()?.visible).toBe(false);
  avatars.dispose();
  expect(standIns()).toBeUndefined();
});

test("stand-ins can be left out", () => {
  show({ hasStandIns: false });
  receivePlaces(2);
  draw();
  expect(avatars.children).toEqual([]);
});
