// Writes the hex dump of docs/protocol.md.
//
//   bun scripts/write-wire-dump.ts
import { join } from "node:path";
import { withWireDump } from "../test/wire-dump.ts";

const TARGET = join(import.meta.dir, "../docs/protocol.md");
await Bun.write(TARGET, withWireDump(await Bun.file(TARGET).text()));
