// What may happen in the simulation. Each operation picks whom it happens to.
import { DecodeError } from "../../src/codec/index.ts";
import { FORMATS, STREAM_FORMATS } from "../../src/codec/format.ts";
import { HubError } from "../../src/hub/errors.ts";
import { CloseCode } from "../../src/protocol/index.ts";
import { FRAME_KINDS, FRAME_MIXES, simulatedFrame } from "./frames.ts";
import type { SimClient, SimMessage } from "./sim-client.ts";
import { PLAYERS, ROOMS } from "./simulation.ts";
import type { Simulation } from "./simulation.ts";

type Operation = (simulation: Simulation) => void;

// More connections than the rooms take: some must be refused.
const CLIENTS_MAX = 38;

function connectPlayer(simulation: Simulation): void {
  connect(simulation, simulation.random.pick(PLAYERS));
}

function connectSpectator(simulation: Simulation): void {
  connect(simulation, undefined);
}

function connect(simulation: Simulation, player: string | undefined): void {
  const { random, clients } = simulation;
  if (clients.length >= CLIENTS_MAX) return;
  const client = simulation.connect({
    room: random.pick(ROOMS),
    format: random.pick(STREAM_FORMATS),
    player,
  });
  const { link } = client;
  link.latencyMs = random.pick([1, 5, 20, 80, 200]);
  link.jitterMs = random.pick([0, 5, 50]);
  client.frameMix = random.pick(FRAME_MIXES);
  if (random.chance(0.7)) client.publishAt(random.pick([2, 5, 10, 30]));
}

function changePublishing(simulation: Simulation): void {
  simulation.anyJoined(isPlayer)?.publishAt(simulation.random.pick([0, 2, 10, 30]));
}

function publishBurst(simulation: Simulation): void {
  const client = simulation.anyJoined(isPlayer);
  if (client === undefined) return;
  client.frameMix = simulation.random.pick(FRAME_MIXES);
  for (let count = simulation.random.below(20); count >= 0; count--) client.publish();
}

/** Large frames of everybody in a room, and somebody who cannot read that fast. */
function flood(simulation: Simulation): void {
  const room = simulation.random.pick(ROOMS);
  for (const client of simulation.clients) {
    if (client.room !== room || client.player === undefined) continue;
    client.frameMix = ["json-only"];
    client.publishAt(40);
    simulation.clock.after(500, () => client.publishAt(2));
  }
  const reader = simulation.anyJoined((client) => client.room === room);
  if (reader === undefined) return;
  disturb(reader);
  reader.link.pause(1000);
}

function leave(simulation: Simulation): void {
  simulation.anyJoined()?.leave();
}

/** Says goodbye and comes again, with nothing new to show. */
function comeAgain(simulation: Simulation): void {
  const client = simulation.anyJoined(isPlayer);
  if (client === undefined) return;
  client.leave();
  simulation.clock.after(300, () => {
    if (simulation.isSettling) return;
    const { room, format, player } = client;
    simulation.connect({ room, format, player, earlier: client });
  });
}

/** The line is cut; the server hears of it at once, in a while, or never. The client may come back. */
function cut(simulation: Simulation): void {
  const { random, clock } = simulation;
  const client = simulation.anyJoined();
  if (client === undefined) return;
  client.cut(random.pick([0, 0, random.between(0, 3000), null]));
  if (client.player === undefined || random.chance(0.2)) return;
  // Mostly in time, sometimes not.
  clock.after(random.pick([0, 100, 2000, 9000, 14_000]), () => resume(simulation, client));
}

/** The same session on a new connection, while the older one may be there still. */
function takeOver(simulation: Simulation): void {
  const client = simulation.anyJoined(isPlayer);
  if (client !== undefined) resume(simulation, client);
}

function resume(simulation: Simulation, client: SimClient): void {
  if (simulation.isSettling) return;
  const { room, player, resumeKey } = client;
  const format = simulation.random.pick(STREAM_FORMATS);
  // Mostly it says what it holds. A client that does not is sent everything.
  const says = simulation.random.chance(0.8) ? { earlier: client } : {};
  const again = simulation.connect({ room, format, player, resumeKey, ...says });
  // Whichever join arrives last has the session.
  const rivals = simulation.clients.filter((each) => each.room === room && each.player === player);
  if (rivals.length > 1) for (const each of rivals) each.mayBeClosedWith.add(CloseCode.Replaced);
  again.frameMix = client.frameMix;
  again.publishAt(5);
}

/** POST of a frame: HTTP clients come and go with every request. */
function post(simulation: Simulation): void {
  const { random, server, clock } = simulation;
  const [room, player] = [random.pick(ROOMS), random.pick(PLAYERS)];
  const format = random.pick(FORMATS);
  const kind = format === "json" ? random.pick(FRAME_KINDS) : "small";
  const bytes = simulatedFrame(kind, format, simulation.newFrameNumber(room, player));
  const { nowMs } = clock;
  const owned = server.hub.player(room, player);
  const isOwned = owned !== undefined && server.hub.room(room)?.session(owned) !== undefined;
  refusable(() => {
    server.hub.publish(room, player, { format, bytes, source: "http", nowMs });
    if (isOwned) throw new Error(`S7: a POST was taken though a client owns ${player}`);
  });
}

function postGarbage({ random, server, clock }: Simulation): void {
  const [room, player] = [random.pick(ROOMS), random.pick(PLAYERS)];
  const bytes = random.bytes(random.below(80));
  const { nowMs } = clock;
  const format = random.pick(FORMATS);
  refusable(() => server.hub.publish(room, player, { format, bytes, source: "http", nowMs }));
}

function putInfo(simulation: Simulation): void {
  const { random, server, clock } = simulation;
  const info = { displayName: `HTTP ${simulation.newMessageNumber()}` };
  refusable(() => server.hub.setInfo(random.pick(ROOMS), random.pick(PLAYERS), info, clock.nowMs));
}

function deletePlayer({ random, server, clock }: Simulation): void {
  const [room, player] = [random.pick(ROOMS), random.pick(PLAYERS)];
  refusable(() => server.hub.removePlayer(room, player, clock.nowMs));
}

/** The embedding application removes a player, whoever plays it. */
function expelPlayer(simulation: Simulation): void {
  const { random, server, clock, clients } = simulation;
  const [room, player] = [random.pick(ROOMS), random.pick(PLAYERS)];
  for (const client of clients) {
    if (client.room === room && client.player === player) {
      client.mayBeClosedWith.add(CloseCode.Removed);
    }
  }
  server.hub.expelPlayer(room, player, clock.nowMs);
}

function sayInfo(simulation: Simulation): void {
  const client = simulation.anyJoined();
  client?.say({ type: "info", info: { displayName: `Stream ${simulation.newMessageNumber()}` } });
}

function sayMessage(simulation: Simulation): void {
  const { random } = simulation;
  const client = simulation.anyJoined(isPlayer);
  if (client === undefined) return;
  const to = random.chance(0.5) ? null : random.pick(PLAYERS);
  // Now and then more than are allowed.
  for (let count = random.pick([1, 1, 1, 30]); count > 0; count--) {
    const body: SimMessage = {
      number: simulation.newMessageNumber(),
      room: client.room,
      sender: client.player!,
      to,
    };
    client.say({ type: "message", body, ...(to === null ? {} : { to }) });
  }
}

/** Allows a client to be closed for falling behind. */
function disturb(client: SimClient): void {
  client.mayBeClosedWith.add(CloseCode.NotAcknowledging);
}

function changeLayers(simulation: Simulation): void {
  const client = simulation.anyJoined();
  if (client === undefined) return;
  client.say({ type: "layers", layers: simulation.random.pick([1, 2, 3]) });
}

/** Full state that nobody needed. */
function askForKeyframe(simulation: Simulation): void {
  const client = simulation.anyJoined();
  if (client === undefined) return;
  const skeletons = client.reader.heldSkeletons;
  client.say({ type: "keyframe", ...(simulation.random.chance(0.5) && { skeletons }) });
}

/** From here and there, or from wherever somebody is who may not be here. */
function changeView(simulation: Simulation): void {
  const { random } = simulation;
  const client = simulation.anyJoined();
  if (client === undefined) return;
  const point = () =>
    random.chance(0.5)
      ? random.pick(PLAYERS)
      : ([random.between(0, 1000), random.between(0, 10), 0] as const);
  const listOf = <T>(countMax: number, make: () => T): T[] =>
    Array.from({ length: random.below(countMax + 1) }, make);
  const bytesPerSecond = random.pick([20_000, 60_000, 300_000, undefined, undefined]);
  if (bytesPerSecond !== undefined) client.mayBeShort = true;
  client.say({
    type: "view",
    ...(random.chance(0.8) && { points: listOf(4, point) }),
    ...(random.chance(0.5) && { pinned: listOf(3, () => random.pick(PLAYERS)) }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
  });
}

function pauseReading(simulation: Simulation): void {
  const client = simulation.anyJoined();
  if (client === undefined) return;
  disturb(client);
  client.link.pause(simulation.random.pick([100, 400, 1000, 3000, 15_000]));
}

function changeReadingSpeed(simulation: Simulation): void {
  const client = simulation.anyJoined();
  if (client === undefined) return;
  disturb(client);
  client.link.bytesPerMs = simulation.random.pick([5, 50, 500, 10_000]);
}

function changeLine(simulation: Simulation): void {
  const client = simulation.anyJoined();
  if (client === undefined) return;
  disturb(client);
  client.link.latencyMs = simulation.random.pick([1, 20, 100, 500]);
}

function stopAcknowledging(simulation: Simulation): void {
  const client = simulation.anyJoined();
  if (client === undefined) return;
  disturb(client);
  client.isLazy = true;
}

function acknowledgeAgain({ clients }: Simulation): void {
  for (const client of clients) client.isLazy = false;
}

function beRude(simulation: Simulation): void {
  const { random } = simulation;
  const client = simulation.anyJoined();
  if (client === undefined) return;
  for (const code of [CloseCode.BadMessage, CloseCode.UnknownMessageType]) {
    client.mayBeClosedWith.add(code);
  }
  // Not random bytes: they may be a frame of garbage, which no client here is prepared for.
  client.send(random.pick(["{", '{"type":"dance"}', Uint8Array.of(0xff, 1), Uint8Array.of(2, 0)]));
}

function changeServerLoad(simulation: Simulation): void {
  simulation.tickLatenessMaxMs = simulation.random.pick([0, 2, 2, 20, 100, 400]);
}

const isPlayer = (client: SimClient) => client.player !== undefined;

/** What a hub may refuse has happened all the same. */
function refusable(operation: () => void): void {
  try {
    operation();
  } catch (error) {
    if (!(error instanceof HubError) && !(error instanceof DecodeError)) throw error;
  }
}

const WEIGHTS: readonly (readonly [weight: number, operation: Operation])[] = [
  [12, connectPlayer],
  [4, connectSpectator],
  [8, publishBurst],
  [4, changePublishing],
  [2, flood],
  [2, leave],
  [2, comeAgain],
  [6, cut],
  [3, takeOver],
  [10, post],
  [1, postGarbage],
  [3, putInfo],
  [2, deletePlayer],
  [1, expelPlayer],
  [3, sayInfo],
  [4, sayMessage],
  [2, changeLayers],
  [2, askForKeyframe],
  [2, changeView],
  [5, pauseReading],
  [3, changeReadingSpeed],
  [3, changeLine],
  [2, stopAcknowledging],
  [2, acknowledgeAgain],
  [2, beRude],
  [2, changeServerLoad],
];

/** Each as often as it weighs. */
export const OPERATIONS: readonly Operation[] = WEIGHTS.flatMap(([weight, operation]) =>
  Array.from({ length: weight }, () => operation),
);
