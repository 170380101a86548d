// Writes vectors/sessions.json: what a server says to one receiver, and what that must show.
//
//   bun scripts/write-session-vectors.ts
import { join } from "node:path";
import { recordSessions } from "../test/recorded-session.ts";

const TARGET = join(import.meta.dir, "../vectors/sessions.json");
const vectors = {
  description:
    "Conversations of one receiver with a server, and what it must show. vectors/README.md explains the fields.",
  version: 1,
  sessions: recordSessions(),
};
await Bun.write(TARGET, `${JSON.stringify(vectors, null, 2)}\n`);
