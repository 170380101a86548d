// Ends what a benchmark has started, however the benchmark itself ends.

const pending = new Set<() => void>();

/** Calls `end` when this process exits, or when the function that comes back is called: once. */
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
