// Slot card: one slot, live. For a slot that nobody writes to, it says how to.
import { Copyable } from "./copyable.ts";
import { Fields } from "./fields.ts";
import { age, byteSize, countText, milliseconds, quantityText, rate } from "./quantity.ts";
import type { PlayerStatus, ServerAddress, ServerStatus } from "./server-status.ts";
import { slotAddress, slotPath } from "./slot-address.ts";

const BADGES = { live: "Connected", stale: "Disconnected", empty: "Not connected" } as const;

// Words of the protocol as people write them. Others are shown unchanged.
const WORDS: Readonly<Record<string, string>> = {
  http: "HTTP",
  demo: "Demo",
  app: "Application",
  json: "JSON",
  binary: "Binary",
  unity: "Unity",
  gltf: "glTF",
};

/** What a card's buttons do with its player on the stage. */
export interface SlotActions {
  follow(id: string): void;
  wear(id: string, file: File): void;
  matchRest(id: string): void;
  takeOff(id: string): void;
}

/** What the page's own connection knows about a player. */
export interface LiveSlot {
  readonly color: string;
  /** How long after its capture a pose is shown; null before the second frame. */
  readonly delayMs: number | null;
  readonly jitterMs: number;
  readonly droppedFrames: number;
  /** The JSON path at which the newest frame is incomplete; null if it can be shown. */
  readonly unavailablePath: string | null;
  /** How well the model that it wears fits, as a sentence. */
  readonly worn: string | null;
  /** Whether the button "Match rest pose" is of use. */
  readonly canMatchRest: boolean;
}

export class SlotCard {
  readonly element: HTMLElement;
  readonly #room: string;
  readonly #fields: Fields;
  readonly #address: Copyable;
  readonly #curl: Copyable;
  #state: PlayerStatus["state"] | undefined;
  #avatarUrl: string | undefined;
  #unavailable: PlayerStatus["unavailable"] = null;
  #unavailablePath: string | null = null;
  #hasActions = false;

  constructor(template: HTMLTemplateElement, room: string, id: string, actions: SlotActions) {
    this.#room = room;
    this.element = template.content.firstElementChild!.cloneNode(true) as HTMLElement;
    this.#fields = new Fields(this.element);
    this.#fields.setText("id", id);
    const title = this.#fields.element("id");
    title.id = `slot-${id}`;
    this.element.setAttribute("aria-labelledby", title.id);
    const latest = this.#fields.element("latest") as HTMLAnchorElement;
    latest.href = slotPath(room, id);
    this.#address = new Copyable(this.#fields.element("address"), `the address of ${id}`);
    this.#curl = new Copyable(this.#fields.element("curl"), `the command line for ${id}`);
    this.#setUpActions(id, actions);
  }

  /** Shows how the player's frames arrive and what it wears. */
  showLive(live: LiveSlot): void {
    const fields = this.#fields;
    fields.element("swatch").style.background = live.color;
    const isMoving = live.delayMs !== null && this.#state !== "empty";
    for (const name of ["delay", "jitter", "dropped"]) fields.show(`${name}-fact`, isMoving);
    fields.setQuantity("delay", milliseconds(live.delayMs ?? 0));
    fields.setQuantity("jitter", milliseconds(live.jitterMs));
    fields.setText("dropped", countText(live.droppedFrames));
    this.#unavailablePath = live.unavailablePath;
    this.#showUnavailable();
    fields.setOptional("worn", live.worn);
    fields.show("take-off", live.worn !== null);
    fields.show("match-rest", live.canMatchRest);
  }

  /** Whether there is a stage, on which a player can be followed. */
  set hasActions(hasActions: boolean) {
    this.#hasActions = hasActions;
    this.#fields.show("actions", hasActions && this.#state !== "empty");
  }

  /** Whether nobody has written to the slot. */
  get isEmpty(): boolean {
    return this.#state === "empty";
  }

  set isFollowed(isFollowed: boolean) {
    this.#fields.element("follow").ariaPressed = String(isFollowed);
  }

  /** Shows `player`. Returns its state as a sentence for screen readers, or null if it has not changed. */
  update(player: PlayerStatus, { addresses, limits }: ServerStatus): string | null {
    const before = this.#state;
    this.#state = player.state;
    this.element.dataset["state"] = player.state;
    this.#fields.setText("badge", BADGES[player.state]);
    const name = player.info.displayName ?? "";
    this.#fields.setText("name", name);
    // The style sheet cuts a long name; the tooltip has all of it.
    this.#fields.element("name").title = name;
    this.#fields.setOptional("note", note(player, limits.staleAfterSeconds));
    this.#fields.setOptional("refused", refusal(player));
    this.#unavailable = player.unavailable;
    this.#showUnavailable();
    this.#fields.show("facts", player.state !== "empty");
    this.#fields.show("actions", this.#hasActions && player.state !== "empty");
    this.#showAvatarUrl(player.info.avatarUrl);
    if (player.state !== "empty") this.#updateFacts(player);
    this.#updateGuide(player.id, addresses);
    // Set only on a change: a guide that somebody closed must stay closed.
    const isEmpty = player.state === "empty";
    if (isEmpty !== (before === "empty")) {
      (this.#fields.element("guide") as HTMLDetailsElement).open = isEmpty;
    }
    if (before === player.state) return null;
    return `${player.id}: ${BADGES[player.state].toLowerCase()}.`;
  }

  /** The server is out of reach, so nobody knows who is connected. */
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

  /** Says why the newest frame is not shown: as the server does, or, before it is asked, as the stream does. */
  #showUnavailable(): void {
    const place = this.#unavailablePath;
    const reason = this.#unavailable?.message ?? (place === null ? null : `see ${place}`);
    const text =
      reason === null
        ? null
        : `Only JSON readers get its newest frame, so it is not shown: ${reason}.`;
    this.#fields.setOptional("unavailable", text);
  }

  #setUpActions(id: string, actions: SlotActions): void {
    const file = this.#fields.element("file") as HTMLInputElement;
    this.#fields.element("follow").addEventListener("click", () => actions.follow(id));
    this.#fields.element("wear").addEventListener("click", () => file.click());
    this.#fields.element("match-rest").addEventListener("click", () => actions.matchRest(id));
    this.#fields.element("take-off").addEventListener("click", () => actions.takeOff(id));
    file.addEventListener("change", () => {
      const chosen = file.files?.[0];
      // Without this, choosing the same file again would be no change.
      file.value = "";
      if (chosen !== undefined) actions.wear(id, chosen);
    });
    for (const name of ["follow", "wear", "match-rest", "take-off"]) {
      this.#fields.element(name).setAttribute("aria-describedby", `slot-${id}`);
    }
  }

  /** Offers the address as a link. It comes from a stranger, so the page does not fetch it. */
  #showAvatarUrl(text = ""): void {
    if (text === this.#avatarUrl) return;
    this.#avatarUrl = text;
    const link = this.#fields.element("avatar-url") as HTMLAnchorElement;
    const isWeb = /^https?:\/\//i.test(text) && URL.canParse(text);
    const url = isWeb ? new URL(text) : null;
    this.#fields.show("avatar", text !== "");
    // The encoded form hides no right-to-left marks or look-alike letters.
    this.#fields.setText("avatar-url", url?.href ?? text);
    if (url === null) link.removeAttribute("href");
    else link.href = url.href;
  }

  #updateGuide(id: string, addresses: readonly ServerAddress[]): void {
    const slot = { room: this.#room, id };
    const { here, elsewhere } = slotAddress(slot, { page: location, addresses });
    const label =
      elsewhere === null
        ? "Address, from this machine only (--host 0.0.0.0 opens the server to others):"
        : "Address to type into a headset or any other machine:";
    this.#fields.setText("address-label", label);
    this.#address.text = elsewhere ?? here;
    this.#curl.text = `curl -d "${FIRST_FRAME}" -H "Content-Type: application/json" ${here}`;
  }
}

// A head with its mouth open. Double quotes work in the shells of Unix and in Windows' command prompt.
const FIRST_FRAME = String.raw`{\"blendShapes\":[{\"name\":\"jawOpen\",\"weight\":1}]}`;

const word = (text: string | null) => (text === null ? "" : (WORDS[text] ?? text));

function note({ state, source }: PlayerStatus, staleAfterSeconds: number): string | null {
  if (state === "empty") return "Nobody writes to this slot.";
  if (state === "stale") {
    return `No new frame for more than ${staleAfterSeconds} s. The last one can still be read.`;
  }
  return source === "demo" ? "Recorded motion until somebody writes here." : null;
}

function refusal({ framesRejected, lastRejected }: PlayerStatus): string | null {
  if (lastRejected === null) return null;
  const frames = framesRejected === 1 ? "1 frame" : `${countText(framesRejected)} frames, the last`;
  return `Refused ${frames} ${quantityText(age(lastRejected.ageSeconds))} ago: ${lastRejected.message}.`;
}
