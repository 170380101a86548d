// The CDN that examples take three.js from: the installed packages answer in its place.
import { extname } from "node:path";
import type { Page } from "playwright-core";

const CDN = "https://cdn.jsdelivr.net/npm/";
const PACKAGES = `${import.meta.dir}/../node_modules/`;
const NAME_AND_PATH = /^((?:@[^/]+\/)?[^@/]+)@[^/]+\/(.+)$/;

/** Answers what a page asks of the CDN for `name@version/path`; nothing goes out. */
export async function answerForCdn(page: Page): Promise<void> {
  await page.route(`${CDN}**`, async (route) => {
    const [, name, path] = NAME_AND_PATH.exec(route.request().url().slice(CDN.length))!;
    await route.fulfill({
      path: `${PACKAGES}${name}/${path}`,
      contentType: extname(path) === ".js" ? "text/javascript" : "application/octet-stream",
      headers: { "Access-Control-Allow-Origin": "*" },
    });
  });
}
