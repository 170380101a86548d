// The API's description for tools. A test compares it with the table of routes.
import packageJson from "../../package.json" with { type: "json" };
import { jsonAnswer } from "./answer.ts";
import { id, reference, SCHEMAS } from "./openapi-schemas.ts";
import type { Route } from "./router.ts";

const pathParameter = (name: string) => ({ name, in: "path", required: true, schema: id });
const room = pathParameter("room");
const player = pathParameter("player");

const json = (schema: object) => ({ "application/json": { schema } });
const error = (description: string) => ({ description, content: json(reference("Error")) });
const success = (description: string, schema: object = { type: "object" }) => ({
  description,
  content: json(schema),
});

const frameContent = {
  "application/json": { schema: reference("AvatarFrame") },
  "application/octet-stream": { schema: { type: "string", format: "binary" } },
};

const slot = (parameters: object[]) => ({
  parameters,
  get: {
    summary: "The slot's latest frame, in the format that Accept asks for",
    responses: {
      200: { description: "The frame", headers: { ETag: {} }, content: frameContent },
      304: { description: "Unchanged since the ETag in If-None-Match" },
      404: error("No such player"),
      406: error("This frame cannot be given in the requested format"),
    },
  },
  post: {
    summary: "Replace the slot's frame",
    requestBody: { required: true, content: frameContent },
    responses: {
      200: success("Stored", reference("Stored")),
      400: error("Not a frame; names the byte or the JSON path"),
      409: error("A streaming client owns the player"),
      413: error("The body is too large"),
      415: error("A Content-Type that this server does not speak"),
      503: error("The server or the room is full"),
    },
  },
  delete: {
    summary: "Reset player1 and player2 of room default; remove any other player",
    responses: {
      200: success("Done"),
      404: error("No such player"),
      409: error("A streaming client owns the player"),
    },
  },
});

/** The OpenAPI document. */
export const OPEN_API = {
  openapi: "3.1.0",
  info: {
    title: "avatar-sync",
    version: packageJson.version,
    description: packageJson.description,
    license: { name: "MIT", identifier: "MIT" },
  },
  // Paths are relative to this document, wherever the server is mounted.
  servers: [{ url: "." }],
  paths: {
    "/": { get: { summary: "The status page", responses: { 200: { description: "HTML" } } } },
    "/client.js": {
      get: {
        summary: "The browser client as one ES module",
        responses: { 200: { description: "JavaScript" } },
      },
    },
    "/three.js": {
      get: {
        summary: "Bodies in three.js as one ES module; the page's import map says where `three` is",
        responses: { 200: { description: "JavaScript" } },
      },
    },
    "/status": {
      get: {
        summary: "The server's state, and a room's",
        parameters: [{ name: "room", in: "query", schema: id }],
        responses: {
          200: success("The state", reference("ServerStatus")),
          400: error("`room` is not an id"),
        },
      },
    },
    "/player1": slot([]),
    "/player2": slot([]),
    "/rooms": { get: { summary: "All rooms", responses: { 200: success("The rooms") } } },
    "/rooms/{room}": {
      parameters: [room],
      get: {
        summary: "A room and its players",
        responses: {
          200: success("The room", reference("RoomStatus")),
          404: error("No such room"),
        },
      },
    },
    "/rooms/{room}/players/{player}": slot([room, player]),
    "/rooms/{room}/players/{player}/info": {
      parameters: [room, player],
      get: {
        summary: "What the player says of itself",
        responses: {
          200: success("The info", reference("PlayerInfo")),
          404: error("No such player"),
        },
      },
      put: {
        summary: "Set the player's info",
        requestBody: { required: true, content: json(reference("PlayerInfo")) },
        responses: {
          200: success("Stored"),
          400: error("Not an info"),
          409: error("A streaming client owns the player"),
          413: error("Over 4 KiB"),
        },
      },
    },
    "/rooms/{room}/stream": {
      parameters: [room],
      get: {
        summary: "A WebSocket of this room; its messages are in docs/protocol.md",
        responses: {
          101: { description: "Streaming" },
          400: error("No subprotocol that this server speaks"),
          426: error("Not a WebSocket handshake"),
          503: error("Too many connections"),
        },
      },
    },
    "/healthz": {
      get: {
        summary: "Answers ok while the server serves",
        responses: { 200: { description: "ok" } },
      },
    },
    "/readyz": {
      get: {
        summary: "Whether to send more people here",
        responses: {
          200: success("Ready", reference("Readiness")),
          503: success("Not ready, and why", reference("Readiness")),
        },
      },
    },
    "/metrics": {
      get: {
        summary: "Metrics in the text format of Prometheus",
        responses: { 200: { description: "The metrics", content: { "text/plain": {} } } },
      },
    },
    "/openapi.json": {
      get: { summary: "This document", responses: { 200: success("OpenAPI 3.1") } },
    },
  },
  components: { schemas: SCHEMAS },
};

export const openApiRoute: Route = { GET: () => jsonAnswer(OPEN_API) };
