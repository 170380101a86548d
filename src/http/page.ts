// The web page's files, however they came to be: bundled on request from source, or inside the
// executable. Served under a policy that lets nothing in from elsewhere.
import { HttpError } from "./errors.ts";
import type { Route } from "./router.ts";

export interface PageAsset {
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** Files by path: `/` is the document, `/client.js` the client, the others stand under `/page/`. */
export interface PageAssets {
  get(path: string): Promise<PageAsset | undefined>;
}

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // blob: is what a model that somebody dropped on the page carries; nothing else can be there.
  "img-src 'self' blob:",
  "connect-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const pageRoute: Route = {
  GET: async (request, { page }) => {
    const path = new URL(request.url).pathname;
    const asset = await page.get(path);
    if (asset === undefined) throw new HttpError(404, "not_found", `there is nothing at ${path}`);
    const headers = {
      "Content-Type": asset.contentType,
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "Referrer-Policy": "no-referrer",
      "Cache-Control": "no-cache",
      ETag: asset.etag,
    };
    if (request.headers.get("if-none-match") === asset.etag) return { status: 304, headers };
    return { headers, body: asset.bytes };
  },
};
