// Live stage: the 3D view with its tools: what is shown, who is followed, what players wear.
import type { AvatarRoom } from "../../src/client/index.ts";
import type { Announcer } from "../announcer.ts";
import type { Fields } from "../fields.ts";
import type { PlayerColors } from "../player-colors.ts";
import { playerName } from "../player-name.ts";
import type { SlotList } from "../slot-list.ts";
import type { Stage } from "../stage/stage.ts";
import { FollowPicker } from "./follow-picker.ts";
import { onToggle, setPressed } from "./toggle.ts";
import { Wardrobe } from "./wardrobe.ts";

export interface LiveStageOptions {
  readonly fields: Fields;
  readonly colors: PlayerColors;
  readonly slots: SlotList;
  readonly announcer: Announcer;
  /** The room that is shown; null while nobody looks. */
  readonly room: () => AvatarRoom | null;
  /** Something has changed that is written on cards or over the view. */
  readonly onChange: () => void;
  readonly onLost: (isLost: boolean) => void;
}

export class LiveStage {
  readonly wardrobe: Wardrobe;
  readonly #options: LiveStageOptions;
  readonly #stage: Stage;
  readonly #followers: FollowPicker;
  #isApart = false;

  /** Loads the 3D. @throws {Error} whose message is a sentence for people. */
  static async load(options: LiveStageOptions): Promise<LiveStage> {
    // Checked first: without WebGL nothing needs to be loaded.
    if (document.createElement("canvas").getContext("webgl2") === null) {
      throw new Error("This browser shows no 3D: WebGL 2 is missing or switched off.");
    }
    try {
      const module = await import("../stage/stage.ts");
      return new LiveStage(module.Stage, options);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`3D does not work here: ${reason.replace(/\.$/, "")}.`, { cause });
    }
  }

  private constructor(StageClass: typeof Stage, options: LiveStageOptions) {
    this.#options = options;
    const { fields, colors, announcer } = options;
    this.#stage = new StageClass({
      holder: fields.element("view"),
      colors,
      onDrop: (file, player) => void this.wardrobe.wear(player, file),
      onPick: (player) => this.follow(player),
      onFollowEnd: () => this.#showFollowed(),
      onApart: (isApart) => {
        setPressed(fields.element("apart"), isApart);
        this.#setApart(isApart);
      },
      onLost: options.onLost,
    });
    this.wardrobe = new Wardrobe(this.#stage, announcer, options.onChange);
    const followers = fields.element("follow-picker") as HTMLSelectElement;
    this.#followers = new FollowPicker(followers, (id) => this.follow(id));
    this.#setUpTools();
    this.#setUpCards();
  }

  get shownPlayers(): string[] {
    return [...this.#stage.cast.figures.keys()];
  }

  /** How tall a player's body is, metres; null if it is not drawn. */
  heightOf(id: string): number | null {
    return this.#stage.cast.figures.get(id)?.heightM ?? null;
  }

  /** Whether the stage draws no more players. */
  get isFull(): boolean {
    return this.#stage.cast.isFull;
  }

  /** Whether bodies are side by side instead of where they are. */
  get isApart(): boolean {
    return this.#isApart;
  }

  show(room: AvatarRoom, id: string): void {
    this.#stage.show(room, id);
  }

  /** Another room was chosen. */
  clear(): void {
    this.wardrobe.clear();
  }

  updateColors(): void {
    this.#stage.updateColors();
  }

  updateFollowers(): void {
    const players = Array.from(this.#options.room()?.players.values() ?? []);
    this.#followers.update(players.filter(({ skeleton }) => skeleton !== undefined));
    this.#showFollowed();
  }

  /** Follows a player and says so; null: nobody. */
  follow(id: string | null): void {
    this.#stage.follow(id);
    this.#showFollowed();
    const player = id === null ? undefined : this.#options.room()?.players.get(id);
    const name = player === undefined ? "nobody" : playerName(player);
    this.#options.announcer.say([`Following ${name}.`]);
  }

  #showFollowed(): void {
    this.#followers.followed = this.#stage.followed;
    this.#options.slots.followed = this.#stage.followed;
  }

  #setApart(isApart: boolean): void {
    this.#isApart = isApart;
    this.#options.onChange();
  }

  #setUpTools(): void {
    const { fields } = this.#options;
    onToggle(fields.element("play"), (isPressed) => (this.#stage.isPlaying = !isPressed));
    onToggle(fields.element("grid"), (isPressed) => (this.#stage.showsGrid = isPressed));
    onToggle(fields.element("axes"), (isPressed) => (this.#stage.showsAxes = isPressed));
    onToggle(fields.element("apart"), (isPressed) => {
      this.#stage.isApart = isPressed;
      this.#setApart(isPressed);
    });
    fields.element("reset").addEventListener("click", () => this.#stage.reset());
    fields.show("tools", true);
  }

  /** Cards are below the view, so what their buttons do must be scrolled to. */
  #setUpCards(): void {
    const showView = () => {
      this.#options.fields.element("view").scrollIntoView({ block: "nearest" });
    };
    this.#options.slots.actions = {
      follow: (id) => {
        this.follow(this.#stage.followed === id ? null : id);
        showView();
      },
      wear: (id, file) => {
        showView();
        void this.wardrobe.wear(id, file);
      },
      matchRest: (id) => {
        showView();
        this.wardrobe.matchRest(id);
      },
      takeOff: (id) => this.wardrobe.takeOff(id),
    };
  }
}
