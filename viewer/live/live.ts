// Live: everything of the page that needs the stream. The page is readable before this chunk is loaded.
import type { AvatarRoom, RemotePlayer } from "../../src/client/index.ts";
import type { Announcer } from "../announcer.ts";
import type { ColorScheme } from "../color-scheme.ts";
import { Fields } from "../fields.ts";
import { PlayerColors } from "../player-colors.ts";
import { playerName } from "../player-name.ts";
import type { RoomChoice } from "../room-choice.ts";
import type { ServerStatus } from "../server-status.ts";
import type { SlotList } from "../slot-list.ts";
import { slotAddress } from "../slot-address.ts";
import { DemoPlayer } from "./demo-player.ts";
import { Health } from "./health.ts";
import { LiveRoom } from "./live-room.ts";
import { LiveStage } from "./live-stage.ts";
import { RoomPicker } from "./room-picker.ts";
import { RoomGuide } from "./room-guide.ts";
import { shareOnClick } from "./share-button.ts";
import { sizeText } from "./size-text.ts";
import { stageNote } from "./stage-note.ts";

const CARDS_MS = 500;
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
  readonly #demo: DemoPlayer;
  readonly #guide: RoomGuide;
  #stage: LiveStage | null = null;
  #status: ServerStatus | null = null;
  #stageProblem: string | null = null;
  #lostMs: number | null = null;
  // Rooms in which this page has seen players.
  readonly #usedRooms = new Set<string>();

  constructor(options: LiveOptions) {
    this.#options = options;
    const { section, choice, scheme, announcer } = options;
    this.#fields = new Fields(section);
    this.#live = new LiveRoom(choice.room, (room) => this.#showRoom(room));
    const rooms = this.#fields.element("room-picker") as HTMLSelectElement;
    this.#rooms = new RoomPicker(rooms, choice);
    shareOnClick(this.#fields.element("share"), {
      choice,
      announcer,
      addresses: () => this.#status?.addresses ?? [],
    });
    this.#health = new Health(this.#fields.element("charts"), {
      room: () => this.#live.room,
      receivedBytes: () => this.#live.receivedBytes,
      colors: this.#colors,
    });
    this.#demo = new DemoPlayer((isPlaying) => {
      this.#fields.show("stop-demo", isPlaying);
      announcer.say([isPlaying ? "The demo plays." : "The demo has ended."]);
      this.#updateNote();
    });
    this.#guide = new RoomGuide(this.#fields, () => this.#demo.play(choice.room));
    this.#fields.element("stop-demo").addEventListener("click", () => this.#demo.stop());
    choice.onChange((room) => {
      this.#demo.stop();
      this.#health.clear();
      this.#stage?.clear();
      this.#live.choose(room);
    });
    scheme.onChange(() => {
      this.#health.updateColors();
      this.#stage?.updateColors();
    });
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
    const { slots, announcer, section } = this.#options;
    try {
      this.#stage = await LiveStage.load({
        fields: this.#fields,
        colors: this.#colors,
        slots,
        announcer,
        room: () => this.#live.room,
        onChange: () => this.#updateCards(),
        onLost: (isLost) => {
          this.#stageProblem = isLost ? GRAPHICS_LOST : null;
          this.#updateNote();
        },
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#stageProblem = `${reason} Everything else on this page works.`;
      section.dataset["stage"] = "missing";
    }
    if (this.#live.room !== null) this.#stage?.show(this.#live.room, this.#options.choice.room);
    this.#updateNote();
  }

  #showRoom(room: AvatarRoom): void {
    this.#stage?.show(room, this.#options.choice.room);
    for (const event of ["state", "joined", "left"] as const) {
      room.on(event, () => this.#updateNote());
    }
    this.#updateNote();
  }

  #updateCards(): void {
    this.#forgetOthers();
    const stage = this.#stage;
    for (const player of this.#live.room?.players.values() ?? []) {
      const { delayMs, jitterMs, lateFrames, badFrames, receivedFrames } = player.stats;
      this.#options.slots.showLive(player.id, {
        color: this.#colors.of(player.id),
        delayMs: receivedFrames > 1 ? delayMs : null,
        jitterMs,
        droppedFrames: lateFrames + badFrames,
        unavailablePath: player.unavailablePath ?? null,
        worn: stage?.wardrobe.textOf(player.id) ?? null,
        canMatchRest: stage?.wardrobe.canMatchRest(player.id) ?? false,
      });
    }
    stage?.updateFollowers();
    this.#updateNote();
  }

  /** Rooms come and go for as long as a page is open: forgets players who have left. */
  #forgetOthers(): void {
    const known = new Set([
      ...(this.#live.room?.players.keys() ?? []),
      ...(this.#stage?.shownPlayers ?? []),
      ...(this.#status?.room?.players ?? []).map(({ id }) => id),
    ]);
    this.#colors.keep(known);
    this.#stage?.wardrobe.keep(known);
  }

  #updateNote(): void {
    const { room } = this.#live;
    const stage = this.#stage;
    const present = Array.from(room?.players.values() ?? []);
    const players = present.filter(({ skeleton }) => skeleton !== undefined).length;
    const drawn = stage?.shownPlayers.length ?? 0;
    this.#watchStream(room);
    if (present.length > 0) this.#usedRooms.add(this.#options.choice.room);
    const unavailable = this.#unavailableText(present);
    const note = stageNote({
      state: room?.state ?? null,
      lostSeconds: this.#lostMs === null ? null : (performance.now() - this.#lostMs) / 1000,
      problem: this.#stageProblem,
      unavailable,
      size: this.#sizeText(present),
      model: stage?.wardrobe.note ?? null,
      isLoading: stage === null,
      players,
      drawn,
      isFull: stage?.isFull ?? false,
      isApart: stage?.isApart ?? false,
    });
    this.#fields.setOptional("note", note);
    const isEmpty = room?.state.name === "joined" && players + drawn === 0 && unavailable === null;
    this.#showGuide(isEmpty && !this.#demo.isPlaying);
  }

  /** What is said of the first player of an impossible size. */
  #sizeText(present: readonly RemotePlayer[]): string | null {
    for (const player of present) {
      const heightM = this.#stage?.heightOf(player.id) ?? null;
      const boneCount = player.skeleton?.boneNames.length ?? 0;
      const text = sizeText(playerName(player), heightM, boneCount);
      if (text !== null) return text;
    }
    return null;
  }

  /** Why the first player whose newest frame no stream can hold is not drawn; null if all are. */
  #unavailableText(present: readonly RemotePlayer[]): string | null {
    const player = present.find(({ unavailablePath }) => unavailablePath !== undefined);
    if (player === undefined) return null;
    const status = this.#status?.room?.players.find(({ id }) => id === player.id);
    const reason = status?.unavailable?.message ?? `see ${player.unavailablePath}`;
    return `${playerName(player)} is not shown: ${reason}.`;
  }

  #showGuide(isShown: boolean): void {
    const { room } = this.#options.choice;
    const page = { page: location, addresses: this.#status?.addresses ?? [] };
    const { here } = slotAddress({ room, id: "player1" }, page);
    const title = this.#hasBeenUsed
      ? `Everybody has left room ${room}.`
      : `Nobody has written to room ${room} yet.`;
    this.#guide.show(isShown ? title : null, here);
  }

  /** Whether somebody has written to the room: before this page looked, as far as the server still knows. */
  get #hasBeenUsed(): boolean {
    const { room } = this.#options.choice;
    const status = this.#status?.room ?? null;
    if (this.#usedRooms.has(room)) return true;
    // Slots that always exist are empty until somebody writes; any other room exists because somebody did.
    if (status?.id !== room) return false;
    return status.players.length === 0 || status.players.some(({ state }) => state !== "empty");
  }

  #watchStream(room: AvatarRoom | null): void {
    const isLost = room?.state.name === "reconnecting";
    if (!isLost) this.#lostMs = null;
    else this.#lostMs ??= performance.now();
    this.#options.section.dataset["stream"] = isLost ? "lost" : "";
  }
}
