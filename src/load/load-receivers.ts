// All receivers of one worker process: those of rooms in which everyone is sent everyone, or those of a crowd.
import type { LoadReceiver } from "./load-client.ts";
import type { MeasuredPart, Seat } from "./messages.ts";
import type { Window } from "./window.ts";

export interface LoadReceivers {
  /** The measured time; undefined until something is measured. */
  window: Window | undefined;
  create(seat: Seat): LoadReceiver;
  /** Players begin to publish. */
  begin(epochMs: number): void;
  /** Sets what they count together to 0. */
  clear(): void;
  part(): MeasuredPart["receipts"];
}
