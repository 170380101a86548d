// Name index: finds values by name, also after an exporter or a loader has changed the name.

export class NameIndex<Value> {
  readonly #exact = new Map<string, Value[]>();
  readonly #loose = new Map<string, Value[]>();

  /** `alias` is a second name for `loose`. */
  add(name: string, value: Value, alias: string = name): void {
    append(this.#exact, name, value);
    for (const each of new Set([fold(name), fold(alias)])) append(this.#loose, each, value);
  }

  /** Values of exactly this name, or of this name as three.js's GLTFLoader writes it. */
  exact(name: string): readonly Value[] | undefined {
    return this.#exact.get(name) ?? this.#exact.get(sanitize(name));
  }

  /** Values of this name when case, spaces and punctuation are ignored. */
  loose(name: string): readonly Value[] | undefined {
    return this.#loose.get(fold(name));
  }
}

function append<Value>(lists: Map<string, Value[]>, name: string, value: Value): void {
  if (name === "") return;
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}

/** As three.js's PropertyBinding.sanitizeNodeName, which GLTFLoader applies to every name. */
function sanitize(name: string): string {
  return name.replaceAll(/\s/g, "_").replaceAll(/[[\].:/]/g, "");
}

function fold(name: string): string {
  // MMD writes ｳｨﾝｸ２右 for ウィンク2右.
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}
