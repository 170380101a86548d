// Name index: values by name, found again in spite of what exporters and loaders do to names.

export class NameIndex<Value> {
  readonly #exact = new Map<string, Value[]>();
  readonly #loose = new Map<string, Value[]>();

  /** `alias` is another name that matches loosely. */
  add(name: string, value: Value, alias: string = name): void {
    append(this.#exact, name, value);
    for (const each of new Set([fold(name), fold(alias)])) append(this.#loose, each, value);
  }

  /** What has this name as it is, or as three.js's GLTFLoader writes it. */
  exact(name: string): readonly Value[] | undefined {
    return this.#exact.get(name) ?? this.#exact.get(sanitize(name));
  }

  /** What has this name but for case, spaces and signs. */
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
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}
