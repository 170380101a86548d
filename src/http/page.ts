// The web page's files, bundled on request from source or contained in the executable. They are served
// under a policy that lets nothing in from elsewhere.
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { PageAsset } from "./page-assets.ts";
import { notFoundError } from "./router.ts";
import type { Route } from "./router.ts";
import { pathOf } from "./target.ts";

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // blob: is for the textures of a model that a visitor dropped on the page.
  "img-src 'self' blob:",
  "connect-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const pageRoute: Route = {
  GET: async (request, { page, prefix }) => {
    const path = pathOf(request.url).slice(prefix.length);
    const asset = await page.get(path);
    if (asset === undefined) throw notFoundError(request.url);
    const isGzipped = acceptsGzip(request.headers.get("accept-encoding"));
    const etag = isGzipped ? asset.etag.replace(/"$/, '.gzip"') : asset.etag;
    const headers = {
      "Content-Type": asset.contentType,
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "Referrer-Policy": "no-referrer",
      "Cache-Control": "no-cache",
      Vary: "Accept-Encoding",
      ETag: etag,
    };
    if (request.headers.get("if-none-match") === etag) return { status: 304, headers };
    if (!isGzipped) return { headers, body: asset.bytes };
    return { headers: { ...headers, "Content-Encoding": "gzip" }, body: await gzipOf(asset) };
  },
};

const pack = promisify<Uint8Array, Uint8Array<ArrayBuffer>>(gzip);

const GZIP = /(^|,)\s*gzip\s*(;\s*q=(?<q>[\d.]+)\s*)?(,|$)/i;

function acceptsGzip(acceptEncoding: string | null): boolean {
  const match = GZIP.exec(acceptEncoding ?? "");
  return match !== null && Number(match.groups?.["q"] ?? 1) > 0;
}

// The 3D code is 660 KB, 170 KB gzipped over a headset's Wi-Fi. Each file is compressed once, outside of the
// event loop, so that opening the page delays no room's tick.
const gzipped = new WeakMap<PageAsset, Promise<Uint8Array<ArrayBuffer>>>();

function gzipOf(asset: PageAsset): Promise<Uint8Array<ArrayBuffer>> {
  const known = gzipped.get(asset) ?? pack(asset.bytes);
  gzipped.set(asset, known);
  return known;
}
