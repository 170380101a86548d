// A receiver in a process of its own, so that it can be stopped: bun bench/stalling-receiver.ts URL ROOM.
// Sends its notes of all batches when asked.
import { Watcher } from "./watcher.ts";

const PING_INTERVAL_MS = 2000;

const [url, room] = process.argv.slice(2);
const watcher = new Watcher({ url, room });
await watcher.firstBatch;
setInterval(() => watcher.send(JSON.stringify({ type: "ping", id: 0 })), PING_INTERVAL_MS);
process.on("message", () => process.send?.(watcher.batches));
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
