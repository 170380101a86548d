// The page's files, bundled from source when first asked for.
import { bundlePage } from "./page-bundle.ts";
import type { PageAsset, PageAssets } from "../http/page-assets.ts";

export class SourcePage implements PageAssets {
  #assets: Promise<ReadonlyMap<string, PageAsset>> | undefined;

  async get(path: string): Promise<PageAsset | undefined> {
    this.#assets ??= bundlePage();
    return (await this.#assets).get(path);
  }
}
