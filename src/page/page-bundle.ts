// Bundles what browsers load: the page (index.html, and its scripts and style sheet under /page/) and, for pages
// without a build, the client and the bodies in three.js, one module each.
import type { PageAsset } from "../http/page-assets.ts";

const CLIENT = `${import.meta.dir}/../client/index.ts`;
const THREE = `${import.meta.dir}/../three/index.ts`;

// A page has one three.js, its own: objects of two do not mix. Its import map says where `three` is. The
// add-ons that we use are bundled, so that the map needs no entry for them.
const threeOfThePage: Bun.BunPlugin = {
  name: "three of the page",
  setup: (build) => {
    build.onResolve({ filter: /^three$/ }, () => ({ path: "three", external: true }));
  },
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * All files by path: `/` is the document, `/client.js` the client, `/three.js` the bodies, the others are under
 * `/page/`. The two modules share no file, so each can be copied by itself: a room of the one works with the
 * other, which uses nothing but the room's members. `plugins` may add to the page's modules: tests do, to look
 * into them.
 */
export async function bundlePage(
  plugins: Bun.BunPlugin[] = [],
): Promise<ReadonlyMap<string, PageAsset>> {
  const [page, client, three] = await Promise.all([
    Bun.build({
      entrypoints: [`${import.meta.dir}/../../viewer/index.html`],
      plugins,
      target: "browser",
      minify: true,
      // Modules that are imported on demand, above all the 3D, are files of their own.
      splitting: true,
      // Files name each other by relative addresses: the page may be under any path.
      publicPath: "./",
      naming: { entry: "[name].[ext]", chunk: "[name]-[hash].[ext]", asset: "[name]-[hash].[ext]" },
    }),
    Bun.build({ entrypoints: [CLIENT], target: "browser", minify: true }),
    Bun.build({
      entrypoints: [THREE],
      target: "browser",
      minify: true,
      plugins: [threeOfThePage],
    }),
  ]);
  const assets = new Map<string, PageAsset>();
  for (const output of page.outputs) {
    const name = output.path.split("/").at(-1)!;
    if (name === "index.html")
      assets.set("/", await assetOf(output, fromDocument(await output.text())));
    else assets.set(`/page/${name}`, await assetOf(output));
  }
  assets.set("/client.js", await assetOf(client.outputs[0]));
  assets.set("/three.js", await assetOf(three.outputs[0]));
  return assets;
}

/** The document with the addresses of its files, which are in a folder beside it. */
function fromDocument(html: string): string {
  const rewriter = new HTMLRewriter();
  for (const attribute of ["src", "href"]) {
    rewriter.on(`[${attribute}^="./"]`, {
      element: (element) => {
        const file = element.getAttribute(attribute)!.slice("./".length);
        element.setAttribute(attribute, `./page/${file}`);
      },
    });
  }
  return rewriter.transform(html);
}

async function assetOf(output: Bun.BuildArtifact, content: BodyInit = output): Promise<PageAsset> {
  const bytes = await new Response(content).bytes();
  const extension = output.path.split(".").at(-1)!;
  return {
    contentType: CONTENT_TYPES[extension] ?? "application/octet-stream",
    bytes,
    etag: `"${Bun.hash(bytes).toString(16)}"`,
  };
}
