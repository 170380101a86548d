// The page: what the server is, where it is reachable and who is connected, as it changes.
import { AddressList } from "./address-list.ts";
import { Announcer } from "./announcer.ts";
import { ColorScheme } from "./color-scheme.ts";
import { Fields } from "./fields.ts";
import { byteSize, countText, durationText, quantityText } from "./quantity.ts";
import type { Live } from "./live/live.ts";
import { RoomChoice } from "./room-choice.ts";
import type { ServerStatus } from "./server-status.ts";
import { SlotList } from "./slot-list.ts";
import { StatusFeed } from "./status-feed.ts";
import type { ServerView } from "./status-feed.ts";

const element = (selector: string) => document.querySelector<HTMLElement>(selector)!;

const FORMATS = [
  ["stream", "stream"],
  ["binary", "binary"],
  ["json", "JSON"],
] as const;

const fields = new Fields(document);
const slotTemplate = element("#card") as HTMLTemplateElement;
const choice = new RoomChoice();
const scheme = new ColorScheme(element("#scheme"));
const slots = new SlotList(element("#slots"), slotTemplate, () => choice.room);
const addresses = new AddressList(element("#addresses"));
const announcer = new Announcer(element("#announcer"));
let stateBefore: ServerView["state"] | undefined;
let live: Live | "loading" | undefined;
// The server's last answer. It may come while `live` still loads.
let newestStatus: ServerStatus | null = null;

const feed = new StatusFeed(
  () => choice.room,
  (view) => {
    document.body.dataset["server"] = view.state;
    fields.show("about", view.state === "reachable");
    fields.show("outage", view.state !== "reachable");
    switch (view.state) {
      case "reachable":
        showStatus(view.status);
        break;
      case "slow":
        showSlowness(view);
        break;
      case "unreachable":
        showOutage(view);
        break;
    }
    stateBefore = view.state;
  },
);
choice.onChange(() => {
  slots.clear();
  feed.refresh();
});
feed.start();

/** Loads what needs the stream. Called again if it could not be loaded. */
async function loadLive(): Promise<void> {
  try {
    const module = await import("./live/live.ts");
    const section = element("#stage");
    live = new module.Live({ section, choice, slots, announcer, scheme });
    live.status = newestStatus;
    live.start();
  } catch (error) {
    live = undefined;
    throw error;
  }
}

function showStatus(status: ServerStatus): void {
  newestStatus = status;
  const changes = slots.update(status);
  if (stateBefore === "unreachable" || stateBefore === "slow") {
    changes.unshift("The server answers again.");
  }
  announcer.say(changes);
  addresses.update(status.addresses);
  const { version, uptimeSeconds, format, rooms, limits } = status;
  const players = status.room?.players ?? [];
  const connected = players.filter(({ state }) => state === "live").length;
  fields.setText("badge", "Running");
  fields.setText("connected", `${countText(connected)} of ${countText(players.length)} connected`);
  fields.setText("version", version);
  fields.setText("uptime", durationText(uptimeSeconds));
  fields.setText("format", format === "json" ? "JSON" : format);
  fields.setText("rooms", `${countText(rooms)} of at most ${countText(limits.roomsMax)}`);
  fields.setText("connections", connectionsText(status));
  fields.setText("largest-frame", quantityText(byteSize(limits.bodyBytesMax)));
  const most = [limits.bonesMax, limits.blendShapesMax].map(countText);
  fields.setText("most-bones", most.join(" / "));
  element("main").hidden = false;
  if (live === undefined) {
    // Set here and not in the callback: a busy browser may get the next answer before its next frame.
    live = "loading";
    requestAnimationFrame(() => void loadLive());
  } else if (live !== "loading") live.status = status;
}

/** Connections that have joined a room, by format: `3 (2 stream, 1 JSON)`. */
function connectionsText({ streamConnections, traffic }: ServerStatus): string {
  const byFormat = FORMATS.map(([format, word]) => [traffic[format].connections, word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${countText(count)} ${word}`);
  const total = countText(streamConnections);
  return byFormat.length === 0 ? total : `${total} (${byFormat.join(", ")})`;
}

function showSlowness({ silentSeconds }: ServerView & { state: "slow" }): void {
  fields.setText("badge", "Slow");
  const old =
    silentSeconds === null ? "" : ` These numbers are ${durationText(silentSeconds)} old.`;
  fields.setText("outage", `The server is slow to answer.${old}`);
  if (stateBefore === "reachable") announcer.say(["The server is slow to answer."]);
}

function showOutage({ reason, silentSeconds }: ServerView & { state: "unreachable" }): void {
  fields.setText("badge", "Unreachable");
  const ago = silentSeconds === null ? null : `${durationText(silentSeconds)} ago`;
  const heard = ago === null ? "" : ` It last answered ${ago}, and everything below is from then.`;
  fields.setText("outage", `${reason}.${heard} This page keeps asking.`);
  fields.setText("connected", ago === null ? "" : `as of ${ago}`);
  slots.markUnknown();
  newestStatus = null;
  if (live !== undefined && live !== "loading") live.status = null;
  if (stateBefore !== "unreachable") announcer.say([`${reason}.`]);
}
