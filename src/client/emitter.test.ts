import { expect, test } from "bun:test";
import { Emitter } from "./emitter.ts";

interface Events {
  said: string;
  counted: number;
}

test("listeners hear their event until they unsubscribe", () => {
  const emitter = new Emitter<Events>();
  const heard: unknown[] = [];
  const stop = emitter.on("said", (text) => heard.push(text));
  emitter.on("counted", (count) => heard.push(count));
  emitter.emit("said", "one");
  emitter.emit("counted", 2);
  stop();
  stop();
  emitter.emit("said", "three");
  expect(heard).toEqual(["one", 2]);
});

test("one listener may listen twice, and stop once", () => {
  const emitter = new Emitter<Events>();
  let count = 0;
  const listener = () => void count++;
  const stop = emitter.on("said", listener);
  emitter.on("said", listener);
  emitter.emit("said", "");
  stop();
  emitter.emit("said", "");
  expect(count).toBe(3);
});

test("a listener may unsubscribe while it is called", () => {
  const emitter = new Emitter<Events>();
  const heard: string[] = [];
  const stop = emitter.on("said", () => {
    heard.push("first");
    stop();
  });
  emitter.on("said", () => heard.push("second"));
  emitter.emit("said", "");
  emitter.emit("said", "");
  expect(heard).toEqual(["first", "second", "second"]);
});

test("a listener that throws disturbs nobody, and its error is not swallowed", async () => {
  // A process of its own: an error that nobody catches ends it.
  const script = `
    import { Emitter } from "./emitter.ts";
    const emitter = new Emitter();
    process.on("uncaughtException", (error) => console.log("uncaught:", error.message));
    emitter.on("said", () => { throw new Error("mine"); });
    emitter.on("said", (text) => console.log("heard:", text));
    emitter.emit("said", "hello");
  `;
  const child = Bun.spawn([process.execPath, "--eval", script], {
    cwd: import.meta.dir,
    stdout: "pipe",
    stderr: "inherit",
  });
  expect(await new Response(child.stdout).text()).toBe("heard: hello\nuncaught: mine\n");
});
