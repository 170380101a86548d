// The routes of docs/protocol.md over real sockets.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { encodeBinary, encodeJson } from "../src/codec/index.ts";
import { OPEN_API } from "../src/http/openapi.ts";
import { ROUTES } from "../src/http/routes.ts";
import { startServer } from "../src/server.ts";
import type { AvatarServer } from "../src/server.ts";
import { smallFrame } from "./frames.ts";
import { heldBody } from "./held-body.ts";
import { RawWebSocket } from "./raw-web-socket.ts";

const BINARY = { "Content-Type": "application/octet-stream" };
const JSON_TYPE = { "Content-Type": "application/json" };
const BODY_MAX = 64 * 1024;

let server: AvatarServer;
beforeAll(async () => {
  server = await startServer({
    host: "127.0.0.1",
    port: 0,
    bodyBytesMax: BODY_MAX,
    bonesMax: 100,
    roomsMax: 4,
    playersMax: 6,
  });
});
afterAll(() => server.stop());

interface Reply {
  status: number;
  headers: Headers;
  body: Uint8Array;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads any shape of answer.
  json: any;
}

async function call(path: string, init: RequestInit = {}, url = server.url): Promise<Reply> {
  const response = await fetch(url + path, init);
  const body = await response.bytes();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  const json: unknown =
    isJson && body.length > 0 ? JSON.parse(new TextDecoder().decode(body)) : undefined;
  return { status: response.status, headers: response.headers, body, json };
}

const post = (path: string, body: BodyInit, headers: Record<string, string> = JSON_TYPE) =>
  call(path, { method: "POST", body, headers });

/** Sends bytes as they are and gives back what comes until the server closes or `enough` is there. */
function raw(bytes: string, enough = "\r\n\r\n"): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (text.includes(enough)) socket.destroy();
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

describe("slots", () => {
  test("[H1a] before any POST a slot answers the identity frame with zero timestamps", async () => {
    const { status, json } = await call("/player2");
    expect(status).toBe(200);
    expect(json).toEqual({
      rootTransform: {
        worldPosition: { x: 0, y: 0, z: 0 },
        worldRotation: { x: 0, y: 0, z: 0, w: 1 },
        localScale: { x: 1, y: 1, z: 1 },
      },
      bones: [],
      blendShapes: [],
      timestamp: 0,
      server_timestamp: 0,
    });
    const { body } = await call("/player2", { headers: { Accept: "application/octet-stream" } });
    expect(body).toHaveLength(64);
  });

  test("[H1a] a player that has joined and published nothing answers the identity frame", async () => {
    const socket = await RawWebSocket.open(server.port, { room: "default" });
    socket.join({ player: "idle" });
    await socket.next("welcome");
    const { status, json } = await call("/rooms/default/players/idle");
    expect(status).toBe(200);
    expect(json).toMatchObject({ bones: [], timestamp: 0, server_timestamp: 0 });
    expect((await call("/rooms/default/players/nobody")).status).toBe(404);
    socket.say({ type: "leave" });
    await socket.end();
  });

  test("[H2] [H2a] POST answers the slot's name, its revision and the server's time", async () => {
    const before = Date.now() / 1000;
    const { status, json } = await post("/player1", encodeJson(smallFrame()));
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: "success", player: "player1", revision: 1 });
    expect(json.server_timestamp).toBeGreaterThanOrEqual(before);
    const { json: frame } = await call("/player1");
    expect(frame).toEqual({ ...smallFrame(), server_timestamp: json.server_timestamp });
  });

  test("[B8] [H4] each format is read as posted and as the other", async () => {
    const bytes = encodeBinary(smallFrame(7));
    const { json: posted } = await post("/player1", bytes, BINARY);
    const stamped = { ...smallFrame(7), server_timestamp: posted.server_timestamp as number };
    expect((await call("/player1")).json).toEqual(stamped);
    const binary = await call("/player1", { headers: { Accept: "application/octet-stream" } });
    expect(binary.headers.get("content-type")).toBe("application/octet-stream");
    expect(binary.body).toEqual(encodeBinary(stamped));
  });

  test("[H1] the short paths and those of room default are the same slots", async () => {
    await post("/rooms/default/players/player1", encodeJson(smallFrame(21)));
    expect((await call("/player1")).json.rootTransform.worldPosition.x).toBe(21);
  });

  test("[H8] DELETE resets the original's slots and removes others", async () => {
    await post("/player1", encodeJson(smallFrame()));
    expect((await call("/player1", { method: "DELETE" })).status).toBe(200);
    expect((await call("/player1")).json.timestamp).toBe(0);
    await post("/rooms/lobby/players/ann", encodeJson(smallFrame()));
    const path = "/rooms/lobby/players/ann";
    expect((await call(path, { method: "DELETE" })).status).toBe(200);
    expect((await call(path)).status).toBe(404);
    expect((await call(path, { method: "DELETE" })).status).toBe(404);
  });

  test("[H5] [H5a] an unchanged slot answers 304 to its ETag, in its format only", async () => {
    await post("/player1", encodeJson(smallFrame()));
    const { headers } = await call("/player1");
    const etag = headers.get("etag")!;
    expect(etag).toMatch(/^"[0-9a-f]{8}\.\d+\.json"$/);
    expect(headers.get("vary")).toBe("Accept");
    expect(headers.get("cache-control")).toBe("no-cache");
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await call("/player1", { headers: { "If-None-Match": tag } });
      expect([again.status, again.body.length]).toEqual([304, 0]);
      expect(again.headers.get("etag")).toBe(etag);
    }
    const binary = { Accept: "application/octet-stream", "If-None-Match": etag };
    expect((await call("/player1", { headers: binary })).status).toBe(200);
    await post("/player1", encodeJson(smallFrame()));
    expect((await call("/player1", { headers: { "If-None-Match": etag } })).status).toBe(200);
  });

  test("[H5b] a tag of an earlier run is not answered 304", async () => {
    const [one, other] = [
      await startServer({ host: "127.0.0.1", port: 0 }),
      await startServer({ host: "127.0.0.1", port: 0 }),
    ];
    try {
      const etag = (await call("/player1", {}, one.url)).headers.get("etag")!;
      const headers = { "If-None-Match": etag };
      expect((await call("/player1", { headers }, one.url)).status).toBe(304);
      expect((await call("/player1", { headers }, other.url)).status).toBe(200);
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  });

  test("[H3a] --format decides for a request that names no format", async () => {
    const binaryServer = await startServer({ host: "127.0.0.1", port: 0, format: "binary" });
    try {
      const init = { method: "POST", body: encodeBinary(smallFrame(3)) };
      expect((await call("/player1", init, binaryServer.url)).status).toBe(200);
      const { headers, body } = await call("/player1", {}, binaryServer.url);
      expect(headers.get("content-type")).toBe("application/octet-stream");
      expect(body).toHaveLength(encodeBinary(smallFrame(3)).length);
    } finally {
      await binaryServer.stop();
    }
    // curl -d says application/x-www-form-urlencoded unasked.
    const curl = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await post("/player1", JSON.stringify(smallFrame(4)), curl)).status).toBe(200);
  });

  test("a binary frame may begin with the byte of an opening brace", async () => {
    const frame = smallFrame();
    const bytes = encodeBinary(frame);
    bytes[0] = 0x7b;
    expect((await post("/player1", bytes, BINARY)).status).toBe(200);
  });
});

describe("what binary cannot hold", () => {
  const whole = smallFrame();
  const bone = whole.bones[0];
  const cases: [string, object, string][] = [
    ["bones without positions", { bones: [{ name: "Hips" }] }, "$.bones[0].localPosition"],
    ["properties of the client's own", { ...whole, mood: { glad: [1, 2] } }, "$.mood"],
    ["a property of its own in a bone", { ...whole, bones: [{ ...bone, id: 7 }] }, "$.bones[0].id"],
    ["duplicate names", { ...whole, bones: [bone, bone] }, "$.bones[1].name"],
    ["a 65-byte name", { ...whole, bones: [{ ...bone, name: "x".repeat(65) }] }, "$.bones[0].name"],
    [
      "a number beyond f32",
      { ...whole, blendShapes: [{ name: "a", weight: 1e300 }] },
      "$.blendShapes[0].weight",
    ],
  ];
  for (const [what, frame, path] of cases) {
    test(`[B9] [H4c] ${what}: JSON readers get it as posted, binary readers 406 with the place`, async () => {
      const { status, json } = await post("/player1", JSON.stringify(frame));
      expect(status).toBe(200);
      const { server_timestamp, ...posted } = { ...frame, server_timestamp: json.server_timestamp };
      expect((await call("/player1")).json).toEqual({ ...posted, server_timestamp });
      const refused = await call("/player1", { headers: { Accept: "application/octet-stream" } });
      expect(refused.status).toBe(406);
      expect(refused.json.error.path).toBe(path);
      expect(refused.json.error.message).toContain(path);
      const either = { Accept: "application/octet-stream, application/json;q=0.5" };
      expect((await call("/player1", { headers: either })).json.server_timestamp).toBe(
        server_timestamp,
      );
    });
  }
});

describe("bad input leaves the slot as it was and is told where it is wrong", () => {
  const valid = smallFrame();
  const text = JSON.stringify(valid);
  const binary = (change: (view: DataView, bytes: Uint8Array) => void) => {
    const bytes = encodeBinary(valid);
    change(new DataView(bytes.buffer), bytes);
    return bytes;
  };
  const nameAt = (bone: number) => 60 + 104 * bone;
  const cases: [string, BodyInit, Record<string, string>, number, string][] = [
    ["an empty body", "", JSON_TYPE, 400, "empty"],
    ["truncated JSON", text.slice(0, 100), JSON_TYPE, 400, "byte 100"],
    ["[]", "[]", JSON_TYPE, 400, "$: expected an object, found an array"],
    ["null", "null", JSON_TYPE, 400, "$: expected an object, found null"],
    [
      "a string where a number belongs",
      text.replace('"x":1', '"x":"1"'),
      JSON_TYPE,
      400,
      "$.rootTransform.worldPosition.x",
    ],
    [
      "1e999",
      text.replace('"weight":0.75', '"weight":1e999'),
      JSON_TYPE,
      400,
      "$.blendShapes[0].weight",
    ],
    ["invalid UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22]), JSON_TYPE, 400, "byte 2"],
    [
      "too many bones",
      JSON.stringify({ bones: Array.from({ length: 101 }, () => ({})) }),
      JSON_TYPE,
      400,
      "$.bones",
    ],
    ["an empty binary body", new Uint8Array(0), BINARY, 400, "empty"],
    ["NaN", binary((view) => view.setFloat32(8, Number.NaN, true)), BINARY, 400, "byte 8"],
    ["a negative count", binary((view) => view.setInt32(56, -1, true)), BINARY, 400, "byte 56"],
    ["a huge count", binary((view) => view.setInt32(56, 0x7fffffff, true)), BINARY, 400, "byte 56"],
    [
      "a count over the limit",
      binary((view) => view.setInt32(56, 101, true)),
      BINARY,
      400,
      "at most 100",
    ],
    [
      "a count that disagrees with the length",
      binary((view) => view.setInt32(268, 2, true)),
      BINARY,
      400,
      "expected at least",
    ],
    [
      "a duplicate name",
      binary((_, bytes) => bytes.copyWithin(nameAt(1), nameAt(0), nameAt(0) + 64)),
      BINARY,
      400,
      `byte ${nameAt(1)}`,
    ],
    [
      "an empty name",
      binary((_, bytes) => bytes.fill(0, nameAt(1), nameAt(1) + 64)),
      BINARY,
      400,
      "empty",
    ],
    [
      "a badly padded name",
      binary((view) => view.setUint8(nameAt(1) + 60, 65)),
      BINARY,
      400,
      `byte ${nameAt(1) + 60}`,
    ],
    [
      "invalid UTF-8 in a name",
      binary((view) => view.setUint8(nameAt(1), 0xff)),
      BINARY,
      400,
      "UTF-8",
    ],
    ["JSON sent as octet-stream", text, BINARY, 400, "Content-Type: application/json"],
    [
      "a Content-Type that we do not speak",
      text,
      { "Content-Type": "text/html" },
      415,
      "text/html",
    ],
    ["gzip", text, { ...JSON_TYPE, "Content-Encoding": "gzip" }, 415, "gzip"],
    ["a body over the limit", "x".repeat(BODY_MAX + 1), JSON_TYPE, 413, String(BODY_MAX)],
  ];
  for (const [what, body, headers, status, place] of cases) {
    test(`[H6] ${what}: ${status} naming ${place}`, async () => {
      await post("/player1", encodeJson(smallFrame(42)));
      const before = await call("/player1");
      const refused = await post("/player1", body, headers);
      expect(refused.status).toBe(status);
      expect(refused.json.error.message).toContain(place);
      expect(refused.json.error.code).toMatch(/^[a-z0-9_]+$/);
      expect(refused.headers.get("access-control-allow-origin")).toBe("*");
      const after = await call("/player1");
      expect(after.body).toEqual(before.body);
      expect(after.headers.get("etag")).toBe(before.headers.get("etag"));
    });
  }

  test("[H6] __proto__ keys are kept as data and never applied", async () => {
    const posted = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    expect((await post("/player1", posted)).status).toBe(200);
    const { body } = await call("/player1");
    expect(new TextDecoder().decode(body)).toStartWith(posted.slice(0, -1));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("[H6a] of several faults the first in order is told", async () => {
    const bad = "/rooms/a%20b/players/x";
    const large = "x".repeat(BODY_MAX + 1);
    const gzip = { "Content-Type": "text/html", "Content-Encoding": "gzip" };
    expect((await call(bad, { method: "PATCH", body: large, headers: gzip })).status).toBe(405);
    expect((await post(bad, large, gzip)).json.error.code).toBe("bad_id");
    const good = "/rooms/default/players/x";
    const encoded = await post(good, large, gzip);
    expect(encoded.status).toBe(415);
    expect(encoded.json.error.message).toContain("Content-Encoding");
    expect((await post(good, large, { "Content-Type": "text/html" })).status).toBe(415);
    expect((await post(good, large)).status).toBe(413);
    const socket = await RawWebSocket.open(server.port, { room: "default" });
    socket.join({ player: "owned" });
    await socket.next("welcome");
    expect((await post("/rooms/default/players/owned", "[]")).json.error.code).toBe("player_taken");
    expect((await post("/rooms/default/players/free", "[]")).json.error.code).toBe("wrong_type");
    const info = (path: string) =>
      call(path, { method: "PUT", body: "[]", headers: JSON_TYPE }).then(
        ({ json }) => json.error.code,
      );
    expect(await info(`${bad}/info`)).toBe("bad_id");
    expect(await info("/rooms/default/players/owned/info")).toBe("wrong_type");
    socket.say({ type: "leave" });
    await socket.end();
  });

  test("[H7] 413 comes at once for a huge body, and for one that stops coming", async () => {
    const head = `POST /player1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    const declared = await raw(`${head}Content-Length: 900000000\r\n\r\n`);
    expect(declared).toStartWith("HTTP/1.1 413");
    const chunk = `${(BODY_MAX + 1).toString(16)}\r\n${"x".repeat(BODY_MAX + 1)}\r\n`;
    // The chunked body never ends; the answer comes all the same.
    const chunked = await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`);
    expect(chunked).toStartWith("HTTP/1.1 413");
  });

  test("a chunked body within the limit is read whole", async () => {
    const body = new ReadableStream({
      start(controller) {
        for (const part of [text.slice(0, 50), text.slice(50)]) {
          controller.enqueue(new TextEncoder().encode(part));
        }
        controller.close();
      },
    });
    expect((await post("/player1", body)).status).toBe(200);
  });

  test("[H4b] an Accept that we cannot serve is 406", async () => {
    const { status, json } = await call("/player1", { headers: { Accept: "image/png" } });
    expect(status).toBe(406);
    expect(json.error.message).toContain("application/json or application/octet-stream");
  });

  test("[H1b] [H9] [H9a] [H9b] PUT is 405 with Allow, an unknown path 404, a bad id 400", async () => {
    const put = await call("/player1", { method: "PUT", body: "x" });
    expect(put.status).toBe(405);
    expect(put.headers.get("allow")).toBe("GET, POST, DELETE, HEAD, OPTIONS");
    expect((await call("/player3")).status).toBe(404);
    expect((await call("/rooms/nowhere")).status).toBe(404);
    expect((await call("/rooms/default/players/nobody")).status).toBe(404);
    expect((await call("/rooms/a%20b/players/x")).status).toBe(400);
    expect((await post("/rooms/default/players/%2e%2e%2f", "{}")).status).toBe(400);
  });

  test("requests that are not HTTP leave the server serving", async () => {
    await raw("NONSENSE / HTTP/9.9\r\n\r\n", "\0").catch(() => "");
    await raw("GET /player1 HTTP/1.1\r\nHost: x\r\nBad Header\x00: y\r\n\r\n").catch(() => "");
    expect((await call("/healthz")).status).toBe(200);
  });
});

describe("rooms", () => {
  test("[H2c] [H10] rooms and players come with the first POST and are bounded: 503", async () => {
    for (let index = 0; index < 6; index++) {
      const { status } = await post(`/rooms/crowd/players/p${index}`, "{}");
      expect(status).toBe(200);
    }
    const full = await post("/rooms/crowd/players/p6", "{}");
    expect([full.status, full.json.error.code]).toEqual([503, "room_full"]);
    const codes = [];
    for (let index = 0; index < 4; index++) {
      codes.push((await post(`/rooms/extra${index}/players/p`, "{}")).status);
    }
    expect(codes).toContain(503);
    const { json } = await call("/rooms");
    expect(json.rooms.length).toBe(4);
    expect(json.rooms).toContainEqual({ id: "crowd", players: 6 });
    expect((await call("/rooms/crowd")).json.players).toHaveLength(6);
  });

  test("[H2c] a refused POST makes no player", async () => {
    expect((await post("/rooms/default/players/ghost", "[]")).status).toBe(400);
    expect((await call("/rooms/default/players/ghost")).status).toBe(404);
  });

  test("[H11] [H11c] [H11d] a player's info is stored, checked, capped and served", async () => {
    const path = "/rooms/default/players/player2/info";
    const put = (body: string) => call(path, { method: "PUT", body, headers: JSON_TYPE });
    expect((await call(path)).json).toEqual({});
    const info = {
      displayName: "Ann",
      avatarUrl: "https://x.test/a.glb",
      coordinateSystem: "gltf",
      team: 3,
    };
    expect((await put(JSON.stringify(info))).status).toBe(200);
    expect((await call(path)).json).toEqual(info);
    expect((await put('{"displayName":5}')).json.error.path).toBe("$.displayName");
    expect((await put('{"coordinateSystem":"left"}')).json.error.path).toBe("$.coordinateSystem");
    expect((await put("[1]")).status).toBe(400);
    expect((await put(JSON.stringify({ pad: "x".repeat(4096) }))).status).toBe(413);
    expect((await call(path)).json).toEqual(info);
    expect((await call("/rooms/default/players/nobody/info")).status).toBe(404);
    // 18 bytes around 2,039 letters of 2 bytes.
    const largest = { displayName: "é".repeat(2039) };
    expect((await put(JSON.stringify({ displayName: `${largest.displayName}x` }))).status).toBe(
      413,
    );
    expect((await put(JSON.stringify(largest))).status).toBe(200);
    expect((await call(path)).json).toEqual(largest);
  });
});

describe("every route", () => {
  const paths = Object.keys(ROUTES).map((path) =>
    path.replace(":room", "default").replace(":player", "player1").replace("/*", "/main.js"),
  );

  for (const path of paths) {
    test(`[H12] [H12a] ${path} answers a preflight, and everything it answers carries CORS`, async () => {
      const preflight = await call(path, {
        method: "OPTIONS",
        headers: { Origin: "https://elsewhere.test", "Access-Control-Request-Method": "POST" },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get("access-control-allow-methods")).toContain("GET");
      expect(preflight.headers.get("access-control-allow-headers")).toContain("*");
      for (const method of ["GET", "PATCH"]) {
        const { headers } = await call(path, { method });
        expect(headers.get("access-control-allow-origin")).toBe("*");
        expect(headers.get("access-control-expose-headers")).toBe("ETag");
      }
    });

    test(`[H13] HEAD ${path} answers GET's headers without its body`, async () => {
      const get = await call(path);
      const head = await call(path, { method: "HEAD" });
      expect([head.status, head.body.length]).toEqual([get.status, 0]);
      for (const name of ["content-type", "etag", "cache-control"]) {
        expect(head.headers.get(name)).toBe(get.headers.get(name));
      }
      // The length of the state changes with its numbers.
      if (!["/status", "/rooms/default", "/metrics"].includes(path)) {
        expect(head.headers.get("content-length")).toBe(get.headers.get("content-length"));
      }
    });
  }

  test("the page's files are gzipped for those who take that, each form with an ETag of its own", async () => {
    const get = (encoding: string, etag = "") =>
      fetch(`${server.url}/client.js`, {
        headers: { "Accept-Encoding": encoding, "If-None-Match": etag },
        decompress: false,
      });
    const plain = await get("identity");
    expect(plain.headers.get("content-encoding")).toBeNull();
    const text = await plain.text();
    for (const encoding of ["gzip", "br, gzip;q=0.5", "deflate,GZIP"]) {
      const packed = await get(encoding);
      expect(packed.headers.get("content-encoding")).toBe("gzip");
      expect(packed.headers.get("vary")).toBe("Accept-Encoding");
      expect(new TextDecoder().decode(Bun.gunzipSync(await packed.bytes()))).toBe(text);
      const etag = packed.headers.get("etag")!;
      expect(etag).not.toBe(plain.headers.get("etag"));
      expect((await get(encoding, etag)).status).toBe(304);
      expect((await get("identity", etag)).status).toBe(200);
    }
    for (const encoding of ["br", "gzip;q=0", "gzip;q=0.0, br", "notgzip"]) {
      expect((await get(encoding)).headers.get("content-encoding")).toBeNull();
    }
  });

  test("[H14] /openapi.json lists the same paths and methods as the table of routes", async () => {
    const { json } = await call("/openapi.json");
    expect(json).toEqual(JSON.parse(JSON.stringify(OPEN_API)));
    const documented = Object.entries(OPEN_API.paths).map(([path, item]) => [
      path,
      new Set(Object.keys(item).filter((key) => key !== "parameters")),
    ]);
    const routed = Object.entries(ROUTES)
      .filter(([path]) => path !== "/page/*")
      .map(([path, route]) => [
        path.replaceAll(/:(\w+)/g, "{$1}"),
        new Set(Object.keys(route).map((method) => method.toLowerCase())),
      ]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(routed));
  });

  test("[H14] /openapi.json describes every field of /status and of a room, and no other", async () => {
    await post("/rooms/default/players/player1", "{}");
    await post("/rooms/default/players/player1", "refused");
    const { json: status } = await call("/status?room=default");
    const { json: room } = await call("/rooms/default");
    expect(fieldsOf(status)).toEqual(describedFields("ServerStatus"));
    expect(fieldsOf(room)).toEqual(describedFields("RoomStatus"));
  });

  test("[H14] the status has the room that is asked for, null if it does not exist", async () => {
    const { json: status } = await call("/status?room=default");
    const { json: room } = await call("/rooms/default");
    expect(status.room.id).toBe("default");
    expect(Object.keys(status.room)).toEqual(Object.keys(room));
    expect((await call("/status?room=nowhere")).json.room).toBeNull();
    expect((await call("/status")).json).not.toHaveProperty("room");
    const refused = await call("/status?room=no%20id");
    expect([refused.status, refused.json.error.code]).toEqual([400, "bad_id"]);
  });

  test("the status names the server, its addresses and both slots", async () => {
    const { json } = await call("/status");
    expect(json).toMatchObject({ status: "running", server: "avatar-sync", format: "json" });
    expect(json.addresses[0]).toEqual({ name: "Local", url: server.url });
    expect(json.players.map((player: { id: string }) => player.id)).toEqual(
      expect.arrayContaining(["player1", "player2"]),
    );
  });
});

/** Paths of all members. A list is described by its first entry; the members of a player's info are left out. */
function fieldsOf(value: unknown, path = "$"): string[] {
  if (Array.isArray(value)) return fieldsOf(value[0], `${path}[]`);
  if (typeof value !== "object" || value === null || path.endsWith(".info")) return [path];
  return Object.entries(value)
    .flatMap(([key, member]) => fieldsOf(member, `${path}.${key}`))
    .toSorted();
}

interface Schema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

function describedFields(name: string, path = "$"): string[] {
  const schemas = OPEN_API.components.schemas as Readonly<Record<string, Schema>>;
  const walk = ({ $ref, anyOf, items, properties }: Schema, at: string): string[] => {
    if (at.endsWith(".info")) return [at];
    // A reference, or null.
    if (anyOf !== undefined) return walk(anyOf[0], at);
    if ($ref !== undefined) return walk(schemas[$ref.split("/").at(-1)!], at);
    if (items !== undefined) return walk(items, `${at}[]`);
    if (properties === undefined) return [at];
    return Object.entries(properties).flatMap(([key, member]) => walk(member, `${at}.${key}`));
  };
  return walk({ $ref: name }, path).toSorted();
}

test("a server that is stopping answers what is under way", async () => {
  const stopping = await startServer({ host: "127.0.0.1", port: 0 });
  const { body, sendRest } = heldBody(encodeJson(smallFrame()));
  const answer = call("/player1", { method: "POST", body, headers: JSON_TYPE }, stopping.url);
  // The request is under way once the server counts it.
  while ((await call("/status", {}, stopping.url)).json.requestsUnderWay < 2) await Bun.sleep(5);
  const stopped = stopping.stop();
  sendRest();
  expect((await answer).status).toBe(200);
  await stopped;
});

test("[H15] more requests under way than allowed: 503 with Retry-After, but not for health", async () => {
  const narrow = await startServer({ host: "127.0.0.1", port: 0, requestsMax: 1 });
  const never = () =>
    new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([0x7b])) });
  const cancel = new AbortController();
  const waiting = [1, 2].map(() =>
    fetch(`${narrow.url}/player1`, { method: "POST", body: never(), signal: cancel.signal }).catch(
      () => {},
    ),
  );
  let reply = await call("/status", {}, narrow.url);
  while (reply.status === 200) reply = await call("/status", {}, narrow.url);
  expect([reply.status, reply.json.error.code]).toEqual([503, "too_many_requests"]);
  expect(reply.headers.get("retry-after")).toBe("1");
  expect((await call("/healthz", {}, narrow.url)).status).toBe(200);
  cancel.abort();
  await Promise.all(waiting);
  await narrow.stop();
});
