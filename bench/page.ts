// What the page's own JavaScript takes of a frame, in Chromium, with players who move.
import { join } from "node:path";
import { launchBrowser } from "../test/browser.ts";
import { nextFrames, openStage } from "../test/page-stage.ts";
import { CHROMIUM } from "../test/tools.ts";
import { parseFlags, parseWhole } from "../src/flags.ts";
import { rowsOf } from "./command.ts";
import type { Command } from "./command.ts";
import { median } from "./measure.ts";
import { requireProgram } from "./programs.ts";
import { startServerProcess } from "./server-process.ts";

const CROWD_SERVER = join(import.meta.dir, "..", "test", "crowd-server.ts");
const WARM_UP_FRAMES = 20;
// Graphics in software draw a crowd twice a second while other processes run.
const ROUND_FRAMES = 10;
const WAIT_MS = 120_000;
// Graphics are rendered in software: a small window leaves time for the rest.
const VIEWPORT = { width: 320, height: 240 };
const PICTURE = { width: 1280, height: 720 };
const rounded = (value: number) => Math.round(value * 100) / 100;

export const page: Command = {
  summary: "the page in Chromium: milliseconds of its own JavaScript a frame",
  help: `npm run bench -- page [--players N] [--hz HZ] [--rounds N] [--quality Q] [--picture FILE] [--json]

N players (20) of one room publish HZ frames a second (30) in the server's process. The page shows them in quality
0 (shadows too, unless set) to 3 (none).
Each round (9) is ${ROUND_FRAMES} frames. frameMs: the page's drawing, three.js and the calls of WebGL; the quietest round counts,
because other work on the machine only adds time. scriptMsPerFrame: all JavaScript of the page, messages too.
--picture writes a PNG of the page in a window of ${PICTURE.width} x ${PICTURE.height}.`,
  async run(args) {
    const { values } = parseFlags(args, {
      options: {
        players: { type: "string", default: "20" },
        hz: { type: "string", default: "30" },
        rounds: { type: "string", default: "9" },
        quality: { type: "string", default: "0" },
        picture: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const players = parseWhole(values.players, "--players", { min: 1, max: 1000 });
    const hz = parseWhole(values.hz, "--hz", { min: 1, max: 90 });
    const quality = parseWhole(values.quality, "--quality", { min: 0, max: 3 });
    const rounds = parseWhole(values.rounds, "--rounds", { min: 1, max: 100 });
    const names = CHROMIUM.commands;
    const name = names.find((each) => Bun.which(each) !== null) ?? names[0];
    const executablePath = requireProgram(name, CHROMIUM.install);
    const command = [process.execPath, CROWD_SERVER, String(players), String(hz)];
    await using server = await startServerProcess(command);
    await using browser = await launchBrowser(executablePath);
    const url = `${server.url}/?room=crowd&quality=${quality}`;
    const newPage = async (options?: object) => {
      const made = await (await browser.newContext(options)).newPage();
      made.setDefaultTimeout(WAIT_MS);
      return made;
    };
    const shown = await openStage(newPage, url, { viewport: VIEWPORT });
    await shown.waitForFunction((count) => {
      const stage = globalThis.avatarSyncStage!;
      return stage.players().length + stage.standIns() === count;
    }, players);
    await nextFrames(shown, WARM_UP_FRAMES);
    const session = await shown.context().newCDPSession(shown);
    await session.send("Performance.enable");
    const scriptSeconds = async () => {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find((each) => each.name === "ScriptDuration")?.value ?? NaN;
    };
    const medians: number[] = [];
    const p95s: number[] = [];
    const scripts: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = await scriptSeconds();
      const from = await shown.evaluate(() => globalThis.avatarSyncStage!.frames().count);
      const { medianMs, p95Ms, count } = await nextFrames(shown, ROUND_FRAMES);
      scripts.push(((await scriptSeconds()) - before) * (1000 / (count - from)));
      medians.push(medianMs);
      p95s.push(p95Ms);
    }
    const seen = await shown.evaluate(() => {
      const stage = globalThis.avatarSyncStage!;
      const [bodies, standIns] = [stage.players().length, stage.standIns()];
      return { bodies, standIns, drawCalls: stage.drawCalls() };
    });
    const report = {
      players,
      hz,
      ...seen,
      frameMs: {
        quietest: rounded(Math.min(...medians)),
        median: rounded(median(medians)),
        p95: rounded(median(p95s)),
      },
      scriptMsPerFrame: {
        quietest: rounded(Math.min(...scripts)),
        median: rounded(median(scripts)),
      },
    };
    if (values.picture !== undefined) {
      await shown.setViewportSize(PICTURE);
      await nextFrames(shown, ROUND_FRAMES);
      await shown.screenshot({ path: values.picture });
    }
    console.log(values.json ? JSON.stringify(report) : rowsOf(report));
  },
};
