// Stage note: the sentence over the view, if there is anything to say about what is seen or not seen.
import type { RoomState } from "../../src/client/index.ts";
import { durationText } from "../quantity.ts";

export interface StageFacts {
  /** Of the connection; null while nobody looks. */
  readonly state: RoomState | null;
  /** Since the stream broke off, seconds; null if it has not. */
  readonly lostSeconds: number | null;
  /** What keeps the 3D from working. */
  readonly problem: string | null;
  /** Why a player's newest frame is not drawn. */
  readonly unavailable: string | null;
  /** Which player has an impossible size. */
  readonly size: string | null;
  /** How the last dropped file is getting on. */
  readonly model: string | null;
  readonly isLoading: boolean;
  /** Players who have a body, and how many of them are drawn. */
  readonly players: number;
  readonly drawn: number;
  /** Whether no more players are drawn. */
  readonly isFull: boolean;
  readonly isApart: boolean;
}

/** What is said over the view; null: nothing. Trouble comes before everything else. */
export function stageNote(facts: StageFacts): string | null {
  const { state, lostSeconds, problem, unavailable, size, model, isLoading } = facts;
  const connection = state === null ? null : connectionNote(state, lostSeconds);
  const trouble = sentences(problem, connection, model, unavailable, size);
  return trouble ?? (isLoading ? "Loading 3D…" : sceneNote(facts));
}

function connectionNote(state: RoomState, lostSeconds: number | null): string | null {
  switch (state.name) {
    case "joined":
      return null;
    case "connecting":
      return state.attempt > 1 ? "The stream does not answer. Trying again…" : null;
    case "reconnecting":
      return `The stream broke off ${durationText(lostSeconds ?? 0)} ago. Trying again…`;
    case "closed":
      return state.error === null ? null : `The stream is closed: ${state.error.message}.`;
  }
}

function sceneNote(facts: StageFacts): string | null {
  const { state, players, drawn, isFull, isApart } = facts;
  if (state?.name !== "joined") return null;
  return sentences(
    isFull && drawn < players
      ? `${drawn} of ${players} players are drawn in full: follow another to see it so.`
      : null,
    isApart ? "Shown side by side and turned to the front, not where they are." : null,
  );
}

/** Joins the sentences that there are; null if there is none. */
const sentences = (...parts: readonly (string | null)[]) =>
  parts.filter((each) => each !== null).join(" ") || null;
