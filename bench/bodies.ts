// What the worst JSON bodies cost: the CPU time of a check, beside that of the engine's own parser.
import { JsonDecoder } from "../src/codec/json-decoder.ts";
import { DecodeError } from "../src/codec/errors.ts";
import { withServerTimestamp } from "../src/codec/json-outline.ts";
import { parseFlags } from "../src/flags.ts";
import type { Command } from "./command.ts";

const BODY_BYTES = 1024 * 1024;
// One below the bound on values, for what is around them.
const VALUES = 49_990;
const ROUNDS = 15;

const HELP = `npm run bench -- bodies

Milliseconds of CPU to check bodies of 1 MiB made to be slow, and of JSON.parse with its decoding of UTF-8 for the same
bytes. Each is a median of ${ROUNDS} rounds after one to warm up.`;

export const bodies: Command = {
  summary: "CPU time of the worst JSON bodies",
  help: HELP,
  run(args) {
    parseFlags(args, { options: {} });
    const rows = Object.entries(worstBodies()).map(([name, text]) => measure(name, text));
    console.log(
      "| body of 1 MiB or 50,000 values | JSON.parse ms | ours ms | beyond ms | |\n|---|---|---|---|---|",
    );
    for (const { name, engineMs, oursMs, verdict } of rows) {
      const beyond = Math.max(0, oursMs - engineMs);
      const numbers = [engineMs, oursMs, beyond].map((ms) => ms.toFixed(1)).join(" | ");
      console.log(`| ${name} | ${numbers} | ${verdict} |`);
    }
    return Promise.resolve();
  },
};

function worstBodies(): Record<string, string> {
  const long = BODY_BYTES - 16;
  return {
    "open arrays": "[".repeat(BODY_BYTES),
    "open objects": '{"a":'.repeat(BODY_BYTES / 5),
    "nested arrays": "[".repeat(BODY_BYTES / 2) + "]".repeat(BODY_BYTES / 2),
    "70,000 members": listed("{", (index) => `"key${index}":1`, "}", 70_000),
    "50,000 members, stamped": listed('{"server_timestamp":1,', (index) => `"k${index}":1`, "}"),
    "50,000 numbers": listed('{"a":[', () => "1.2345678901234e5", "]}"),
    "50,000 numbers, an error at the end": listed('{"a":[', () => "1.2345678901234e5", "]x"),
    "25,000 objects, an error at the end": listed("[", () => '{"k":{}}', "x", VALUES / 2),
    "a long string": `{"a":"${"x".repeat(long)}"}`,
    "a long string without end": `{"a":"${"x".repeat(long)}`,
    escapes: `{"a":"${"\\u00e9".repeat(long / 6)}"}`,
    "escapes, an error at the end": `{"a":"${"\\n".repeat(long / 2)}\\x"}`,
    "a long number": `{"a":${"1".repeat(long)}}`,
    "a long number, an error at the end": `{"a":${"1".repeat(long)}x`,
    spaces: `{"a":${" ".repeat(long)}1}`,
    "spaces, an error at the end": `{"a":${" ".repeat(long)}x`,
    commas: ",".repeat(BODY_BYTES),
  };
}

function listed(head: string, entry: (index: number) => string, tail: string, count = VALUES) {
  const entries: string[] = [];
  let bytes = head.length + tail.length;
  for (let index = 0; index < count; index++) {
    const text = entry(index);
    bytes += text.length + 1;
    if (bytes > BODY_BYTES) break;
    entries.push(text);
  }
  return head + entries.join(",") + tail;
}

function measure(name: string, text: string) {
  const bytes = new TextEncoder().encode(text);
  let verdict = "accepted";
  const engineMs = medianMs(() => {
    try {
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch {
      // What it costs to refuse counts too.
    }
  });
  const oursMs = medianMs(() => {
    try {
      withServerTimestamp(bytes, new JsonDecoder().check(bytes), 1);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      verdict = error.code;
    }
  });
  return { name, engineMs, oursMs, verdict };
}

function medianMs(work: () => void): number {
  work();
  const times = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return times.toSorted((a, b) => a - b)[ROUNDS >> 1];
}
