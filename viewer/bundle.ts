// Bundles the page: index.html with its script and style sheet, everything under /page/.
import type { PageAsset } from "../src/http/page.ts";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** The page's files by path: `/` is the document, the others stand under `/page/`. */
export async function bundlePage(): Promise<ReadonlyMap<string, PageAsset>> {
  const { outputs } = await Bun.build({
    entrypoints: [`${import.meta.dir}/index.html`],
    target: "browser",
    minify: true,
    publicPath: "/page/",
    naming: { entry: "[name].[ext]", chunk: "[name]-[hash].[ext]", asset: "[name]-[hash].[ext]" },
  });
  const assets = new Map<string, PageAsset>();
  for (const output of outputs) {
    const bytes = await new Response(output).bytes();
    const name = output.path.split("/").at(-1)!;
    const extension = name.split(".").at(-1)!;
    assets.set(name === "index.html" ? "/" : `/page/${name}`, {
      contentType: CONTENT_TYPES[extension] ?? "application/octet-stream",
      bytes,
      etag: `"${Bun.hash(bytes).toString(16)}"`,
    });
  }
  return assets;
}
