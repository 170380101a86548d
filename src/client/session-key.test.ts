import { expect, test } from "bun:test";
import { SessionKey } from "./session-key.ts";

function memoryStorage() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, key: string) => void kept.set(name, key),
    removeItem: (name: string) => void kept.delete(name),
  };
}

const OPTIONS = { name: "ann", given: undefined, isOfPage: true };

test("[7] a page takes its key out of the storage and puts it back when it is left", () => {
  const storage = memoryStorage();
  const key = new SessionKey({ ...OPTIONS, storage });
  expect(key.value.length).toBeWithin(16, 129);
  expect(storage.kept.size).toBe(0);
  key.keep();
  const next = new SessionKey({ ...OPTIONS, storage });
  expect(next.value).toBe(key.value);
  expect(storage.kept.size).toBe(0);
  expect(new SessionKey({ ...OPTIONS, storage }).value).not.toBe(key.value);
});

test("[7] a process stores its key at once, and one that the server gives instead", () => {
  const storage = memoryStorage();
  const key = new SessionKey({ ...OPTIONS, storage, isOfPage: false });
  expect(storage.kept.get("ann")).toBe(key.value);
  key.value = "another key of the server";
  expect(storage.kept.get("ann")).toBe("another key of the server");
  key.forget();
  expect(storage.kept.size).toBe(0);
});

test("[7] a key that is given is used instead of the stored one", () => {
  const storage = memoryStorage();
  storage.setItem("ann", "the key that is stored");
  const key = new SessionKey({ ...OPTIONS, storage, given: "the key that is given" });
  expect(key.value).toBe("the key that is given");
});

test("[7] a storage that is forbidden or missing costs nothing but the key", () => {
  const refuse = () => {
    throw new Error("forbidden");
  };
  const forbidden = { getItem: refuse, setItem: refuse, removeItem: refuse };
  for (const storage of [forbidden, null]) {
    const key = new SessionKey({ ...OPTIONS, storage });
    key.keep();
    key.forget();
    expect(key.value.length).toBeWithin(16, 129);
  }
});
