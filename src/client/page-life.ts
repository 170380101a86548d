// The life of the page that a client is part of: when it is left, stored, and back.

/** What a client needs of a browser's window. */
export interface PageWindow {
  readonly document: { readonly visibilityState: string };
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
  removeEventListener(type: string, listener: (event: PageEvent) => void): void;
}

/** An event of a page. `persisted`: the page goes into the back/forward cache, or comes from there. */
export interface PageEvent {
  readonly type: string;
  readonly persisted?: boolean;
}

/** What is told of a page. */
export interface PageLife {
  /** Nothing of the page will ever run again. */
  gone(): void;
  /** The page goes into the back/forward cache: it may come `back`, or never run again. */
  stored(): void;
  back(): void;
  /** The page is visible again, or its network is there again. */
  awake(): void;
}

/** The platform's window; null if there is no page, e.g. in Node and in a worker. */
export function platformWindow(): PageWindow | null {
  const platform = globalThis as Partial<PageWindow>;
  return platform.document === undefined ? null : (platform as PageWindow);
}

/** Tells of a page's life until the returned function is called. */
export function watchPage(page: PageWindow, life: PageLife): () => void {
  const onEvent = ({ type, persisted = false }: PageEvent) => {
    switch (type) {
      case "pagehide":
        return persisted ? life.stored() : life.gone();
      case "pageshow":
        // The first one of a page is its beginning.
        if (persisted) life.back();
        return;
      default:
        if (page.document.visibilityState !== "hidden") life.awake();
    }
  };
  const types = ["pagehide", "pageshow", "visibilitychange", "online"];
  for (const type of types) page.addEventListener(type, onEvent);
  return () => {
    for (const type of types) page.removeEventListener(type, onEvent);
  };
}
