// What an automated check of accessibility finds on a page: axe-core, without its guesses.
import type { Page } from "playwright-core";

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Every fault, with the elements that have it. The page must be opened with `bypassCSP`: its policy lets no script in. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: Bun.resolveSync("axe-core/axe.min.js", import.meta.dir) });
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: Violation[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}
