// Bodies as serialisers of users write them: understood, or answered with what is missing and where it is not shown.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "../src/client/index.ts";
import type { AvatarRoom, RemotePlayer } from "../src/client/index.ts";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";

const INPUTS = `${import.meta.dir}/inputs`;
const ANYWHERE = ["json", "binary", "stream"] as const;

let server: AvatarServer;
const rooms: AvatarRoom[] = [];
beforeAll(async () => {
  server = await startServer({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  for (const room of rooms) room.close();
  await server.stop();
});

const slotOf = (player: string) => `${server.url}/rooms/bodies/players/${player}`;

interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads any shape of answer.
  readonly json: any;
}

async function post(player: string, body: string, type = "application/json"): Promise<Answer> {
  const headers = { "Content-Type": type };
  const answer = await fetch(slotOf(player), { method: "POST", body, headers });
  return { status: answer.status, json: await answer.json() };
}

/** The player as receivers of each format have it. */
async function receive(player: string): Promise<RemotePlayer[]> {
  return Promise.all(
    ANYWHERE.map(async (format) => {
      const room = connect(server.url, { room: "bodies", format });
      rooms.push(room);
      await room.ready;
      for (;;) {
        const found = room.players.get(player);
        if (found !== undefined && (found.revision > 0 || found.unavailablePath !== undefined)) {
          return found;
        }
        await Bun.sleep(5);
      }
    }),
  );
}

const at = (y: number) => ({ x: 0, y, z: 0 });
const NOT_TURNED = { x: 0, y: 0, z: 0, w: 1 };
const UNSCALED = { x: 1, y: 1, z: 1 };
const rootTransform = { worldPosition: at(0), worldRotation: NOT_TURNED, localScale: UNSCALED };
const whole = {
  rootTransform,
  bones: [
    {
      name: "Hips",
      localPosition: at(1),
      localRotation: NOT_TURNED,
      localScale: UNSCALED,
      parent: null,
    },
    {
      name: "Head",
      localPosition: at(0.6),
      localRotation: NOT_TURNED,
      localScale: UNSCALED,
      parent: "Hips",
    },
  ],
  blendShapes: [{ name: "jawOpen", weight: 0 }],
  timestamp: 1.5,
};
const [hips, head] = whole.bones;

const understood: Readonly<Record<string, object>> = {
  "an empty parent (JsonUtility, Go)": { ...whole, bones: [{ ...hips, parent: "" }, head] },
  "null lists (Go)": { ...whole, bones: whole.bones, blendShapes: null },
  "null objects (C#)": {
    ...whole,
    rootTransform: null,
    bones: [{ ...hips, localRotation: null, localScale: null }, head],
    server_timestamp: null,
  },
  "no localScale": {
    ...whole,
    bones: whole.bones.map((bone) => ({ ...bone, localScale: undefined })),
  },
  "no localPosition of a bone": {
    ...whole,
    bones: [hips, head, { name: "Neck", localRotation: NOT_TURNED, parent: "Hips" }],
  },
  "no blendShapes": { rootTransform, bones: whole.bones, timestamp: 1.5 },
  "no rootTransform": { bones: whole.bones, blendShapes: [], timestamp: 1.5 },
  "no timestamp": { rootTransform, bones: whole.bones, blendShapes: [] },
  "zeros left out (protobuf, omitempty)": {
    rootTransform: { worldRotation: { w: 1 }, localScale: UNSCALED },
    bones: [
      { name: "Hips", localPosition: { y: 1 }, localRotation: { w: 1 } },
      { name: "Head", localPosition: { y: 0.6 }, localRotation: { w: 1 }, parent: "Hips" },
    ],
    blendShapes: [{ name: "jawOpen" }],
  },
};

describe("is understood:", () => {
  for (const [what, frame] of Object.entries(understood)) {
    test(`[13] [J7] [J8] ${what}`, async () => {
      const id = `a${Object.keys(understood).indexOf(what)}`;
      const body = JSON.stringify(frame);
      const { status, json } = await post(id, body);
      expect(status).toBe(200);
      expect(json).not.toHaveProperty("visibleTo");
      for (const player of await receive(id)) {
        expect(player.unavailablePath).toBeUndefined();
        const { bones, rootTransform: root } = player.frame()!;
        expect(root).toEqual(rootTransform);
        expect(bones[0]).toMatchObject({
          name: "Hips",
          localPosition: at(1),
          localScale: UNSCALED,
        });
        expect(bones[1].localPosition.y).toBeCloseTo(0.6, 6);
        expect(bones[0].parent ?? null).toBeNull();
      }
      // JSON readers get it as it was posted.
      const read = await (await fetch(slotOf(id))).text();
      if (!body.includes("server_timestamp")) expect(read).toStartWith(body.slice(0, -1));
    });
  }

  test("[13] [J7] a frame without a timestamp has the time of its arrival", async () => {
    const { json } = await post("untimed", JSON.stringify({ rootTransform, bones: whole.bones }));
    const headers = { Accept: "application/octet-stream" };
    const bytes = await (await fetch(slotOf("untimed"), { headers })).arrayBuffer();
    expect(new DataView(bytes).getFloat64(40, true)).toBe(json.server_timestamp);
  });
});

const told: Readonly<Record<string, readonly [object, string, string]>> = {
  "Pascal case": [{ RootTransform: rootTransform, Bones: [] }, "$.RootTransform", "camel case"],
  "Pascal case in a bone": [
    { bones: [{ Name: "Hips", LocalPosition: at(1) }] },
    "$.bones[0].Name",
    "spelt name",
  ],
  "snake case": [{ root_transform: rootTransform }, "$.root_transform", "spelt rootTransform"],
  "Euler angles": [
    { bones: [{ ...hips, localRotation: { x: 90, y: 0, z: 0 } }] },
    "$.bones[0].localRotation.w",
    "Euler angles",
  ],
  "bones without positions": [
    { bones: [{ name: "Hips", localRotation: NOT_TURNED }] },
    "$.bones[0].localPosition",
    "no bone has this field",
  ],
  "a bone without a name": [{ bones: [{ localPosition: at(1) }] }, "$.bones[0].name", "missing"],
  "a property of the sender's own": [{ ...whole, mood: "glad" }, "$.mood", "only JSON"],
  "nothing of a frame": [{ frame: whole }, "$.frame", "only JSON"],
  "an empty object": [{}, "$.rootTransform", "missing"],
};

describe("is answered with what is missing, and where it is not shown:", () => {
  for (const [what, [frame, path, cause]] of Object.entries(told)) {
    test(`[13] [H25] ${what}`, async () => {
      const id = `b${Object.keys(told).indexOf(what)}`;
      const { status, json } = await post(id, JSON.stringify(frame));
      expect(status).toBe(200);
      expect(json).toMatchObject({ status: "success", visibleTo: ["json"], unavailable: { path } });
      expect(json.unavailable.message).toStartWith(`${path}: `);
      expect(json.unavailable.message).toContain(cause);
      const [, binary, stream] = await receive(id);
      expect(binary.unavailablePath).toBe(path);
      expect(stream.unavailablePath).toBe(path);
      const room = await (await fetch(`${server.url}/rooms/bodies`)).json();
      const { players } = room as { players: { id: string }[] };
      const player = players.find((each) => each.id === id);
      expect(player).toMatchObject({ visibleTo: ["json"], unavailable: { path } });
    });
  }

  test("[13] [H25] frames that differ in numbers alone are answered alike, and a good one as ever", async () => {
    const euler = (x: number) =>
      JSON.stringify({ bones: [{ ...hips, localRotation: { x, y: 0, z: 0 } }] });
    for (const x of [1, 2, 3]) {
      expect((await post("again", euler(x))).json.visibleTo).toEqual(["json"]);
    }
    for (const weight of [0, 1e37, 1e39, 1]) {
      const { json } = await post(
        "again",
        JSON.stringify({ ...whole, blendShapes: [{ name: "a", weight }] }),
      );
      expect(json.visibleTo).toEqual(weight === 1e39 ? ["json"] : undefined);
    }
  });
});

describe("[B9d] is binary, and not the stream's:", () => {
  for (const [what, frame, path] of [
    [
      "a weight of 3.3e38",
      { ...whole, blendShapes: [{ name: "jawOpen", weight: 3.3e38 }] },
      "$.blendShapes[0].weight",
    ],
    [
      "a parent's name of 65 bytes",
      { ...whole, bones: [hips, { ...head, parent: "x".repeat(65) }] },
      "$.bones[1].parent",
    ],
  ] as const) {
    test(what, async () => {
      const id = `n${path.length}`;
      expect((await post(id, JSON.stringify(frame))).status).toBe(200);
      const [json, binary, stream] = await receive(id);
      expect([json, binary].map((player) => player.unavailablePath)).toEqual([
        undefined,
        undefined,
      ]);
      expect(stream.unavailablePath).toBe(path);
    });
  }
});

describe("is refused with the likely cause:", () => {
  const input = (name: string) => Bun.file(`${INPUTS}/${name}`).text();

  test("[18] [H3c] 09-unity-post-string: percent-encoded", async () => {
    const body = await input("09-unity-post-string.body.txt");
    for (const type of [
      "application/x-www-form-urlencoded",
      "application/json",
      "application/octet-stream",
    ]) {
      const { status, json } = await post("unity", body, type);
      expect(status).toBe(400);
      expect(json.error.message).toContain("this is percent-encoded");
      expect(json.error.message).toContain("Content-Type: application/json");
    }
  });

  test("[18] 10-nan-in-one-bone: its path, and NaN", async () => {
    const { status, json } = await post("nan", await input("10-nan-in-one-bone.body.json"));
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ path: "$.bones[7].localPosition.x", byteOffset: 1653 });
    expect(json.error.message).toContain("$.bones[7].localPosition.x");
    expect(json.error.message).toContain("found NaN");
  });

  test("[18] 10-decimal-comma: its path, and the decimal comma", async () => {
    const { status, json } = await post("comma", await input("10-decimal-comma.body.json"));
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ path: "$.bones[7].localPosition.x", byteOffset: 1655 });
    expect(json.error.message).toContain("decimal comma");
  });

  test("[18] [H3c] fields of a form", async () => {
    for (const type of ["application/x-www-form-urlencoded", "application/octet-stream"]) {
      const { status, json } = await post("form", "frame=%7B%22bones%22%3A%5B%5D%7D", type);
      expect(status).toBe(400);
      expect(json.error.message).toContain("fields of a form");
    }
  });

  test("[18] [H4a] Accept excludes JSON: any other format, not 406", async () => {
    await post("accepted", JSON.stringify(whole));
    const headers = { Accept: "application/json;q=0, */*" };
    const answer = await fetch(slotOf("accepted"), { headers });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      200,
      "application/octet-stream",
    ]);
  });

  test("[18] [S4a] {} on a stream: closed with a reason that a person can read", async () => {
    const url = `${server.url.replace("http", "ws")}/rooms/bodies/stream`;
    const socket = new WebSocket(url, "avatar-sync.v1.json");
    socket.addEventListener("open", () => socket.send("{}"));
    const { code, reason } = await new Promise<CloseEvent>((resolve) => {
      socket.addEventListener("close", resolve);
    });
    expect([code, reason]).toEqual([4001, "$.type: expected a string, found nothing"]);
  });
});

describe("-0", () => {
  const minus = {
    ...whole,
    rootTransform: { ...rootTransform, worldPosition: { x: -0, y: 1, z: 0 } },
  };

  test("[19] [B7] posted in binary, it is -0 in JSON", async () => {
    const { encodeBinary } = await import("../src/codec/index.ts");
    const bytes = encodeBinary({ ...minus, server_timestamp: 0 });
    await fetch(slotOf("minus"), {
      method: "POST",
      body: bytes,
      headers: { "Content-Type": "application/octet-stream" },
    });
    const text = await (
      await fetch(slotOf("minus"), { headers: { Accept: "application/json" } })
    ).text();
    expect(text).toContain('"worldPosition":{"x":-0,"y":1,"z":0}');
  });

  for (const format of ANYWHERE) {
    test(`[19] [B7] streamed in ${format}, it is -0 in JSON`, async () => {
      const id = `minus-${format}`;
      const room = connect(server.url, { room: "bodies", player: id, format });
      rooms.push(room);
      await room.ready;
      room.publish({ ...minus, server_timestamp: 0 });
      let text = "";
      while (!text.includes("Hips")) text = await (await fetch(slotOf(id))).text();
      expect(text).toContain('"worldPosition":{"x":-0,"y":1,"z":0}');
    });
  }
});
