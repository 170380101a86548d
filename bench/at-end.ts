// Ends what a benchmark has started, however the benchmark itself ends.

const pending = new Set<() => void>();

/** Calls `end` once: when this process exits, or when the returned function is called. */
export function atEnd(end: () => void): () => void {
  const once = () => {
    if (pending.delete(once)) end();
  };
  pending.add(once);
  return once;
}

process.on("exit", () => pending.forEach((end) => end()));
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));
