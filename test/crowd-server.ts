// A server with a crowd in it, as a process of its own: `bun test/crowd-server.ts PLAYERS HZ`. Prints its URL. Its page can
// be looked into. The players of room `crowd` walk in small circles and wave, each around a place of its own.
import { createGreeterPose, greet, GREETER_SKELETON } from "../src/motion/body-motion.ts";
import { startServer } from "../src/server.ts";
import { inspectedPage } from "./inspected-page.ts";

const [players, hz] = process.argv.slice(2).map(Number);
if (!(players > 0 && hz > 0))
  throw new Error("expected the numbers of players and of frames a second");

// A sunflower: everybody has the same room around it.
const GOLDEN_ANGLE = 2.39996;
const SPACING_M = 1.1;
const CIRCLE_M = 0.4;

const server = await startServer({ host: "127.0.0.1", port: 0, page: inspectedPage });
// Made before anybody measures.
await inspectedPage.get("/");
const room = server.rooms.open("crowd", { playersMax: players });
const pose = createGreeterPose();

function publishAll(): void {
  const seconds = performance.now() / 1000;
  for (let player = 0; player < players; player++) {
    greet(seconds + player * 0.7, pose);
    const away = SPACING_M * Math.sqrt(player);
    const turn = seconds / 3 + player;
    pose.root[0] = away * Math.cos(player * GOLDEN_ANGLE) + CIRCLE_M * Math.cos(turn);
    pose.root[2] = away * Math.sin(player * GOLDEN_ANGLE) + CIRCLE_M * Math.sin(turn);
    pose.root.set([0, Math.sin(-turn / 2), 0, Math.cos(-turn / 2)], 3);
    pose.timestamp = Date.now() / 1000;
    room.publish(`p${player}`, { skeleton: GREETER_SKELETON, pose });
  }
}

publishAll();
setInterval(publishAll, 1000 / hz);
console.log(server.url);
