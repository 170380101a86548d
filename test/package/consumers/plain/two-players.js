// Codec and client in plain JavaScript: a frame there and back, and two players in a server's room.
import * as client from "avatar-sync/client";
import * as codec from "avatar-sync/codec";
import { twoPlayers } from "./runtimes/two-players.mjs";

const frame = codec.identityFrame();
frame.bones.push({
  name: "Hips",
  localPosition: { x: 0, y: 1, z: 0 },
  localRotation: { x: 0, y: 0, z: 0, w: 1 },
  localScale: { x: 1, y: 1, z: 1 },
});
const decoded = codec.decodeBinary(codec.encodeBinary(frame));
const isOneClass = client.DecodeError === codec.DecodeError;
// Node 20 has no WebSocket: the second argument names a package that has one.
const [, , url, webSocketPackage] = process.argv;
const runtime =
  webSocketPackage === undefined ? {} : { webSocket: (await import(webSocketPackage)).WebSocket };
const connect = (address, options) => client.connect(address, { ...options, runtime });
const seen = await twoPlayers({ ...client, connect }, url);
console.log(JSON.stringify({ bone: decoded.bones[0], isOneClass, seen }));
process.exit(0);
