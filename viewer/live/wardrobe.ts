// Wardrobe: the model files that players of the stage wear, and how well each fits its player.
import type { Announcer } from "../announcer.ts";
import type { Stage } from "../stage/stage.ts";
import { isRetargeted, matchText } from "./match-text.ts";

type Dresser = Pick<Stage, "wear" | "takeOff" | "matchRest" | "matchOf">;

export class Wardrobe {
  readonly #stage: Dresser;
  readonly #announcer: Announcer;
  readonly #onChange: () => void;
  readonly #fileNames = new Map<string, string>();
  #note: string | null = null;

  /** `onChange` is called when the note or a text has changed. */
  constructor(stage: Dresser, announcer: Announcer, onChange: () => void) {
    this.#stage = stage;
    this.#announcer = announcer;
    this.#onChange = onChange;
  }

  /** How the last file is getting on; null if there is nothing to say. */
  get note(): string | null {
    return this.#note;
  }

  /** Which of the player's bones its model has, as a sentence; null without a model. */
  textOf(id: string): string | null {
    const fileName = this.#fileNames.get(id);
    const match = this.#stage.matchOf(id);
    return fileName === undefined || match === null ? null : matchText(fileName, match);
  }

  canMatchRest(id: string): boolean {
    return isRetargeted(this.#stage.matchOf(id)?.fit);
  }

  /** Puts a file on a player; null: nobody was there to put it on. */
  async wear(id: string | null, file: File): Promise<void> {
    if (id === null) {
      this.#say("There is nobody to put that on yet.");
      return;
    }
    this.#say(`Reading ${file.name}…`);
    try {
      await this.#stage.wear(id, file);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#say(`${file.name} cannot be shown: ${reason.replace(/\.$/, "")}.`);
      return;
    }
    this.#fileNames.set(id, file.name);
    this.#say(null);
    this.#announceMatch(id);
  }

  takeOff(id: string): void {
    this.#stage.takeOff(id);
    this.#fileNames.delete(id);
    this.#onChange();
  }

  matchRest(id: string): void {
    this.#stage.matchRest(id);
    this.#onChange();
    this.#announceMatch(id);
  }

  /** Forgets the files of all players but these. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#fileNames.keys()) if (!ids.has(id)) this.#fileNames.delete(id);
  }

  clear(): void {
    this.#fileNames.clear();
    this.#note = null;
  }

  #announceMatch(id: string): void {
    this.#announcer.say([`${id}: ${this.textOf(id) ?? ""}`]);
  }

  #say(note: string | null): void {
    this.#note = note;
    if (note !== null) this.#announcer.say([note]);
    this.#onChange();
  }
}
