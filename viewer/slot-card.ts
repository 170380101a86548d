// Slot card: one slot, live; for a slot that nobody writes, how to write it.
import { Copyable } from "./copyable.ts";
import { Fields } from "./fields.ts";
import { age, byteSize, countText, rate } from "./quantity.ts";
import type { PlayerStatus, ServerAddress } from "./server-status.ts";
import { slotAddress, slotPath } from "./slot-address.ts";

const BADGES = { live: "Connected", stale: "Disconnected", empty: "Not connected" } as const;

// Words of the wire as people write them; others are shown as they are.
const WORDS: Readonly<Record<string, string>> = {
  http: "HTTP",
  demo: "Demo",
  json: "JSON",
  binary: "Binary",
  unity: "Unity",
  gltf: "glTF",
};

export class SlotCard {
  readonly element: HTMLElement;
  readonly #fields: Fields;
  readonly #address: Copyable;
  readonly #curl: Copyable;
  #state: PlayerStatus["state"] | undefined;

  constructor(template: HTMLTemplateElement, id: string) {
    this.element = template.content.firstElementChild!.cloneNode(true) as HTMLElement;
    this.#fields = new Fields(this.element);
    this.#fields.setText("id", id);
    const title = this.#fields.element("id");
    title.id = `slot-${id}`;
    this.element.setAttribute("aria-labelledby", title.id);
    const latest = this.#fields.element("latest") as HTMLAnchorElement;
    latest.href = slotPath(id);
    this.#address = new Copyable(this.#fields.element("address"), `the address of ${id}`);
    this.#curl = new Copyable(this.#fields.element("curl"), `the command line for ${id}`);
  }

  /** Shows `player`; what this changes for somebody who does not see it, as a sentence, or null. */
  update(player: PlayerStatus, addresses: readonly ServerAddress[]): string | null {
    const before = this.#state;
    this.#state = player.state;
    this.element.dataset["state"] = player.state;
    this.#fields.setText("badge", BADGES[player.state]);
    const name = player.info.displayName ?? "";
    this.#fields.setText("name", name);
    // A long one is cut short.
    this.#fields.element("name").title = name;
    this.#fields.setOptional("note", note(player));
    this.#fields.setOptional("refused", refusal(player.framesRejected));
    this.#fields.show("facts", player.state !== "empty");
    if (player.state !== "empty") this.#updateFacts(player);
    this.#updateGuide(player.id, addresses);
    // Only when it changes: else a guide that somebody closed would open again.
    const isEmpty = player.state === "empty";
    if (isEmpty !== (before === "empty")) {
      (this.#fields.element("guide") as HTMLDetailsElement).open = isEmpty;
    }
    if (before === undefined || before === player.state) return null;
    return `${player.id}: ${BADGES[player.state].toLowerCase()}.`;
  }

  /** The server is out of reach: who is connected is not known. */
  markUnknown(): void {
    this.element.dataset["state"] = "unknown";
    this.#fields.setText("badge", "Unknown");
  }

  #updateFacts(player: PlayerStatus): void {
    const fields = this.#fields;
    fields.setQuantity("updates", rate(player.updatesPerSecond));
    fields.setQuantity("age", age(player.ageSeconds ?? 0));
    fields.setQuantity("traffic", byteSize(player.bytesPerSecond, "/s"));
    fields.setText("bones", countText(player.bones));
    fields.setText("blend-shapes", countText(player.blendShapes));
    fields.setQuantity("frame", byteSize(player.frameBytes));
    fields.setText("source", word(player.source));
    fields.setText("format", word(player.format));
    fields.setText("coordinates", word(player.info.coordinateSystem ?? "unity"));
  }

  #updateGuide(id: string, addresses: readonly ServerAddress[]): void {
    const { here, elsewhere } = slotAddress(id, { page: location, addresses });
    const label =
      elsewhere === null
        ? "Address, from this machine only (--host 0.0.0.0 opens the server to others):"
        : "Address to type into a headset or any other machine:";
    this.#fields.setText("address-label", label);
    this.#address.text = elsewhere ?? here;
    // Double quotes: they mean the same to every shell, Windows' own included.
    this.#curl.text = `curl -d "{}" -H "Content-Type: application/json" ${here}`;
  }
}

const word = (text: string | null) => (text === null ? "" : (WORDS[text] ?? text));

function note({ state, source }: PlayerStatus): string | null {
  if (state === "empty") return "Nobody writes to this slot yet.";
  if (state === "stale") return "Nothing new comes in. The last frame can still be read.";
  return source === "demo" ? "Recorded motion until somebody writes here." : null;
}

function refusal(framesRejected: number): string | null {
  if (framesRejected === 0) return null;
  const frames = framesRejected === 1 ? "1 frame" : `${countText(framesRejected)} frames`;
  return `${frames} refused as malformed. The answer to each post says what is wrong.`;
}
