// The page that tests are served: its files as everybody gets them, except that the stage can be looked into.
import type { PageAsset, PageAssets } from "../src/http/page-assets.ts";
import { bundlePage } from "../src/page/page-bundle.ts";

const INSPECTED_STAGE = `${import.meta.dir}/inspected-stage.ts`;

const inspectStage: Bun.BunPlugin = {
  name: "inspect-stage",
  setup(build) {
    build.onResolve({ filter: /\/stage\/stage\.ts$/ }, ({ importer }) =>
      importer === INSPECTED_STAGE ? undefined : { path: INSPECTED_STAGE },
    );
  },
};

// One bundle serves all servers of a test file: bundling takes a second.
let assets: Promise<ReadonlyMap<string, PageAsset>> | undefined;

export const inspectedPage: PageAssets = {
  async get(path) {
    assets ??= bundlePage([inspectStage]);
    return (await assets).get(path);
  },
};
