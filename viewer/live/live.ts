// Live: everything of the page that needs the stream: the stage's controls, the charts, and what a
// player's card says of how its frames come in. Loaded after the page is there.
import type { AvatarRoom, RoomState } from "../../src/client/index.ts";
import type { Announcer } from "../announcer.ts";
import type { ColorScheme } from "../color-scheme.ts";
import { Fields } from "../fields.ts";
import type { RoomChoice } from "../room-choice.ts";
import type { ServerStatus } from "../server-status.ts";
import { originElsewhere } from "../slot-address.ts";
import type { SlotList } from "../slot-list.ts";
import type { Stage } from "../stage/stage.ts";
import { Health } from "./health.ts";
import { LiveRoom } from "./live-room.ts";
import { isRetargeted, matchText } from "./match-text.ts";
import { PlayerColors } from "./player-colors.ts";
import { playerName } from "./player-name.ts";
import { RoomPicker } from "./room-picker.ts";

const CARDS_MS = 500;
const THANKS_MS = 1500;
const GRAPHICS_LOST =
  "The browser has taken the graphics away. They come back by themselves, or with a reload.";

export interface LiveOptions {
  readonly section: HTMLElement;
  readonly choice: RoomChoice;
  readonly slots: SlotList;
  readonly announcer: Announcer;
  readonly scheme: ColorScheme;
}

export class Live {
  readonly #options: LiveOptions;
  readonly #fields: Fields;
  readonly #live: LiveRoom;
  readonly #rooms: RoomPicker;
  readonly #health: Health;
  readonly #colors = new PlayerColors();
  // What each player wears, in the file's own words.
  readonly #worn = new Map<string, string>();
  #stage: Stage | null = null;
  #status: ServerStatus | null = null;
  #followersShown = "";
  #modelNote: string | null = null;
  #stageProblem: string | null = null;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { section, choice, scheme } = options;
    this.#fields = new Fields(section);
    this.#live = new LiveRoom(choice.room, (room) => this.#showRoom(room));
    const rooms = this.#fields.element("room-picker") as HTMLSelectElement;
    this.#rooms = new RoomPicker(rooms, choice);
    this.#health = new Health(this.#fields.element("charts"), {
      room: () => this.#live.room,
      receivedBytes: () => this.#live.receivedBytes,
      colors: this.#colors,
    });
    choice.onChange((room) => {
      this.#health.clear();
      this.#worn.clear();
      this.#modelNote = null;
      this.#live.choose(room);
    });
    scheme.onChange(() => {
      this.#health.updateColors();
      this.#stage?.updateColors();
    });
    this.#setUpTools();
  }

  start(): void {
    this.#live.start();
    this.#health.start();
    this.#rooms.start();
    setInterval(() => {
      if (!document.hidden) this.#updateCards();
    }, CARDS_MS);
    void this.#loadStage();
  }

  /** The server's newest answer; null: it gave none. */
  set status(status: ServerStatus | null) {
    this.#status = status;
    this.#health.status = status;
  }

  async #loadStage(): Promise<void> {
    // Asked before anything is loaded that could not be used.
    if (document.createElement("canvas").getContext("webgl2") === null) {
      this.#giveUp("This browser shows no 3D: WebGL 2 is missing or switched off.");
      return;
    }
    const holder = this.#fields.element("view");
    try {
      const module = await import("../stage/stage.ts");
      this.#stage = new module.Stage({
        holder,
        colors: this.#colors,
        onDrop: (file, player) => void this.#wear(player, file),
        onPick: (player) => this.#follow(player),
        onFollowEnd: () => this.#showFollowed(),
        onApart: (isApart) => this.#setPressed("apart", isApart),
        onLost: (isLost) => {
          this.#stageProblem = isLost ? GRAPHICS_LOST : null;
          this.#updateNote();
        },
      });
    } catch (error) {
      this.#giveUp(`3D does not work here: ${messageOf(error)}.`);
      return;
    }
    if (this.#live.room !== null) this.#stage.show(this.#live.room, this.#options.choice.room);
    this.#fields.show("tools", true);
    this.#options.slots.actions = {
      follow: (id) => {
        this.#follow(this.#stage?.followed === id ? null : id);
        this.#showView();
      },
      wear: (id, file) => {
        this.#showView();
        void this.#wear(id, file);
      },
      matchRest: (id) => {
        this.#showView();
        this.#stage?.matchRest(id);
        this.#updateCards();
        this.#announceMatch(id);
      },
      takeOff: (id) => this.#takeOff(id),
    };
    this.#publishInspection(this.#stage);
    this.#updateNote();
  }

  #giveUp(problem: string): void {
    this.#stageProblem = `${problem} Everything else on this page works.`;
    this.#options.section.dataset["stage"] = "missing";
    this.#updateNote();
  }

  #showRoom(room: AvatarRoom): void {
    this.#stage?.show(room, this.#options.choice.room);
    for (const event of ["state", "joined", "left"] as const) {
      room.on(event, () => this.#updateNote());
    }
    this.#updateNote();
  }

  #setUpTools(): void {
    const follower = this.#fields.element("follow-picker") as HTMLSelectElement;
    follower.addEventListener("change", () => this.#follow(follower.value || null));
    this.#toggle("play", (isPressed) => {
      if (this.#stage !== null) this.#stage.isPlaying = !isPressed;
    });
    this.#toggle("grid", (isPressed) => {
      if (this.#stage !== null) this.#stage.showsGrid = isPressed;
    });
    this.#toggle("axes", (isPressed) => {
      if (this.#stage !== null) this.#stage.showsAxes = isPressed;
    });
    this.#toggle("apart", (isPressed) => {
      if (this.#stage !== null) this.#stage.isApart = isPressed;
    });
    this.#fields.element("reset").addEventListener("click", () => this.#stage?.reset());
    this.#fields.element("share").addEventListener("click", () => void this.#share());
  }

  #toggle(name: string, set: (isPressed: boolean) => void): void {
    const button = this.#fields.element(name);
    button.addEventListener("click", () => {
      const isPressed = button.ariaPressed !== "true";
      this.#setPressed(name, isPressed);
      set(isPressed);
    });
  }

  #setPressed(name: string, isPressed: boolean): void {
    this.#fields.element(name).ariaPressed = String(isPressed);
    if (name === "apart") this.#updateNote();
  }

  async #share(): Promise<void> {
    const button = this.#fields.element("share");
    const { link } = this.#options.choice;
    // One of localhost would lead whoever gets it to a machine of their own.
    const origin = originElsewhere(location, this.#status?.addresses ?? []) ?? location.origin;
    try {
      // Browsers have no clipboard for pages from http://192.168...: there `undefined` throws.
      await navigator.clipboard.writeText(origin + link);
      button.textContent = "Link copied";
    } catch {
      history.replaceState(null, "", link);
      button.textContent = "Link is in the address bar";
    }
    this.#options.announcer.say([`${button.textContent}.`]);
    setTimeout(() => (button.textContent = "Share link"), THANKS_MS);
  }

  #follow(id: string | null): void {
    this.#stage?.follow(id);
    this.#showFollowed();
    const player = id === null ? undefined : this.#live.room?.players.get(id);
    const sentence =
      player === undefined ? "Following nobody." : `Following ${playerName(player)}.`;
    this.#options.announcer.say([sentence]);
  }

  /** Cards stand below the stage: what they do there is to be seen. */
  #showView(): void {
    this.#fields.element("view").scrollIntoView({ block: "nearest" });
  }

  #showFollowed(): void {
    const followed = this.#stage?.followed ?? null;
    (this.#fields.element("follow-picker") as HTMLSelectElement).value = followed ?? "";
    this.#options.slots.followed = followed;
  }

  async #wear(id: string | null, file: File): Promise<void> {
    const stage = this.#stage;
    if (stage === null) return;
    if (id === null) {
      this.#say("There is nobody to put that on yet.");
      return;
    }
    this.#say(`Reading ${file.name}…`);
    try {
      await stage.wear(id, file);
    } catch (error) {
      this.#say(`${file.name} cannot be shown: ${messageOf(error)}.`);
      return;
    }
    this.#worn.set(id, file.name);
    this.#say(null);
    this.#updateCards();
    this.#announceMatch(id);
  }

  #announceMatch(id: string): void {
    this.#options.announcer.say([`${id}: ${this.#matchText(id) ?? ""}`]);
  }

  #takeOff(id: string): void {
    this.#stage?.takeOff(id);
    this.#worn.delete(id);
    this.#updateCards();
  }

  #say(note: string | null): void {
    this.#modelNote = note;
    if (note !== null) this.#options.announcer.say([note]);
    this.#updateNote();
  }

  #updateCards(): void {
    const { room } = this.#live;
    const { slots } = this.#options;
    this.#forgetOthers(room);
    for (const player of room?.players.values() ?? []) {
      const { delayMs, jitterMs, lateFrames, badFrames, receivedFrames } = player.stats;
      slots.showLive(player.id, {
        color: this.#colors.of(player.id),
        delayMs: receivedFrames > 1 ? delayMs : null,
        jitterMs,
        droppedFrames: lateFrames + badFrames,
        unavailablePath: player.unavailablePath ?? null,
        worn: this.#matchText(player.id),
        canMatchRest: isRetargeted(this.#stage?.matchOf(player.id)?.fit),
      });
    }
    this.#updateFollowers(room);
    this.#updateNote();
  }

  /** Who has left, or was in another room: rooms come and go for as long as a page is open. */
  #forgetOthers(room: AvatarRoom | null): void {
    const listed = this.#status?.room?.players ?? [];
    const known = new Set([
      ...(room?.players.keys() ?? []),
      ...(this.#stage?.shownPlayers ?? []),
      ...listed.map(({ id }) => id),
    ]);
    this.#colors.keep(known);
    for (const id of this.#worn.keys()) if (!known.has(id)) this.#worn.delete(id);
  }

  #updateFollowers(room: AvatarRoom | null): void {
    const players = Array.from(room?.players.values() ?? [])
      .filter(({ skeleton }) => skeleton !== undefined)
      .map((player) => {
        const name = playerName(player);
        // Two may call themselves the same.
        return [player.id, name === player.id ? name : `${player.id}: ${name}`] as const;
      });
    const shown = JSON.stringify(players);
    if (shown === this.#followersShown) return;
    this.#followersShown = shown;
    const picker = this.#fields.element("follow-picker") as HTMLSelectElement;
    const nobody = new Option("Nobody", "");
    picker.replaceChildren(nobody, ...players.map(([id, name]) => new Option(name, id)));
    this.#showFollowed();
  }

  #matchText(id: string): string | null {
    const fileName = this.#worn.get(id);
    const match = this.#stage?.matchOf(id) ?? null;
    return fileName === undefined || match === null ? null : matchText(fileName, match);
  }

  /** What is to be said over the stage, or nothing. */
  #updateNote(): void {
    const { room } = this.#live;
    const waiting = room === null ? null : noteOfState(room.state);
    const trouble = sentences(this.#stageProblem, waiting, this.#modelNote);
    const loading = this.#stage === null ? "Loading 3D…" : null;
    this.#fields.setOptional("note", trouble ?? loading ?? this.#sceneNote(room));
  }

  /** What is to be known of what is seen. */
  #sceneNote(room: AvatarRoom | null): string | null {
    if (room?.state.name !== "joined") return null;
    const count = Array.from(room.players.values()).filter((player) => player.skeleton).length;
    const shown = this.#stage?.shownPlayers.length ?? 0;
    if (count + shown === 0) return `Nobody has written to room ${this.#options.choice.room} yet.`;
    const drawn = this.#stage?.isFull === true ? shown : count;
    const isApart = this.#fields.element("apart").ariaPressed === "true";
    return sentences(
      drawn < count
        ? `${drawn} of ${count} players are drawn: follow another to see it too.`
        : null,
      isApart ? "Shown side by side and turned to the front, not where they stand." : null,
    );
  }

  /** For tests and the curious: reads, and changes nothing. */
  #publishInspection(stage: Stage): void {
    Object.defineProperty(globalThis, "avatarSyncStage", {
      configurable: true,
      value: Object.freeze({
        players: () => stage.shownPlayers,
        worldPositionOf: (id: string, bone: string) => stage.worldPositionOf(id, bone),
        modelPositionOf: (id: string, node: string) => stage.modelPositionOf(id, node),
        modelMorphOf: (id: string, name: string) => stage.modelMorphOf(id, name),
        cameraTarget: () => stage.cameraTarget,
        followed: () => stage.followed,
        frames: () => ({
          count: stage.frameTimes.count,
          medianMs: stage.frameTimes.percentile(0.5),
          p95Ms: stage.frameTimes.percentile(0.95),
          updateMedianMs: stage.updateTimes.percentile(0.5),
        }),
      }),
    });
  }
}

function noteOfState(state: RoomState): string | null {
  switch (state.name) {
    case "joined":
      return null;
    case "connecting":
      return state.attempt > 1 ? "The stream does not answer. Trying again…" : null;
    case "reconnecting":
      return "The stream has broken off. Trying again…";
    case "closed":
      return state.error === null ? null : `The stream is closed: ${state.error.message}.`;
  }
}

/** Those that there are, as one text. */
const sentences = (...parts: readonly (string | null)[]) =>
  parts.filter((each) => each !== null).join(" ") || null;

const messageOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
