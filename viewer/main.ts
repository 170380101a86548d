// The status page.
export {};
const answer = await fetch("/status");
document.querySelector("#status")!.textContent = await answer.text();
