// File drop: a file that somebody drops on the view, and where.

/** Tells of each file that is dropped on `holder`, with its place in pixels from the holder's corner. */
export function onFileDrop(
  holder: HTMLElement,
  listener: (file: File, x: number, y: number) => void,
): void {
  holder.addEventListener("dragover", (event) => {
    event.preventDefault();
    holder.dataset["drop"] = "over";
  });
  // Without this, a file that is dropped beside the view would replace the page.
  window.addEventListener("dragover", (event) => {
    if (event.defaultPrevented || event.dataTransfer === null) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  });
  holder.addEventListener("dragleave", () => delete holder.dataset["drop"]);
  holder.addEventListener("drop", (event) => {
    event.preventDefault();
    delete holder.dataset["drop"];
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    const { left, top } = holder.getBoundingClientRect();
    listener(file, event.clientX - left, event.clientY - top);
  });
}
