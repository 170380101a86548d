// The page's files as the package has them: bundled when it was packed, read when first asked for.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PageAsset, PageAssets } from "../http/page-assets.ts";

// The name in the folder, the type and the ETag of each file, by its path on the server.
const INDEX = "index.json";
type Index = Readonly<Record<string, Omit<PageAsset, "bytes"> & { readonly file: string }>>;

/** A page that `write` has put into a folder. */
export class BuiltPage implements PageAssets {
  readonly #folder: string;
  readonly #index: Promise<Index>;
  readonly #assets = new Map<string, Promise<PageAsset>>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#index = Bun.file(join(folder, INDEX)).json();
  }

  /** Whether a folder has a page. */
  static isIn(folder: string): boolean {
    return existsSync(join(folder, INDEX));
  }

  static async write(folder: string, assets: ReadonlyMap<string, PageAsset>): Promise<void> {
    const index: Record<string, Index[string]> = {};
    for (const [path, { bytes, ...described }] of assets) {
      const file = path === "/" ? "index.html" : path.slice(path.lastIndexOf("/") + 1);
      index[path] = { file, ...described };
      await Bun.write(join(folder, file), bytes);
    }
    await Bun.write(join(folder, INDEX), JSON.stringify(index));
  }

  async get(path: string): Promise<PageAsset | undefined> {
    const index = await this.#index;
    if (!Object.hasOwn(index, path)) return undefined;
    const known = this.#assets.get(path) ?? this.#read(index[path]);
    this.#assets.set(path, known);
    return known;
  }

  async #read({ file, contentType, etag }: Index[string]): Promise<PageAsset> {
    const bytes = await Bun.file(join(this.#folder, file)).bytes();
    return { contentType, etag, bytes };
  }
}
