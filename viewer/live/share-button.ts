// Share button: copies a link to the room that is shown, which other machines can open.
import type { Announcer } from "../announcer.ts";
import type { RoomChoice } from "../room-choice.ts";
import type { ServerAddress } from "../server-status.ts";
import { serverElsewhere, serverOf } from "../slot-address.ts";

const THANKS_MS = 1500;

export interface ShareOptions {
  readonly choice: RoomChoice;
  readonly announcer: Announcer;
  /** Where the server can be reached. */
  readonly addresses: () => readonly ServerAddress[];
}

/** Has the button share the link when it is clicked. */
export function shareOnClick(button: HTMLElement, options: ShareOptions): void {
  button.addEventListener("click", () => void share(button, options));
}

async function share(button: HTMLElement, options: ShareOptions): Promise<void> {
  const { choice, announcer, addresses } = options;
  const { link } = choice;
  // A link to localhost would lead other people to their own machine.
  const server = serverElsewhere(location, addresses()) ?? serverOf(location);
  try {
    // Browsers have no clipboard for pages from http://192.168...: there `undefined` throws.
    await navigator.clipboard.writeText(`${server}/${new URL(link, location.href).search}`);
    button.textContent = "Link copied";
  } catch {
    history.replaceState(null, "", link);
    button.textContent = "Link is in the address bar";
  }
  announcer.say([`${button.textContent}.`]);
  setTimeout(() => (button.textContent = "Share link"), THANKS_MS);
}
