// The folder tree is the architecture: imports point one way, files import each other in no circle, and
// isomorphic code stays isomorphic.
import { describe, expect, test } from "bun:test";
import { dirname, join, relative } from "node:path";

const ROOT = new URL("..", import.meta.url).pathname;

const PAGE_LIBRARIES = ["src/three", "src/motion", "src/client", "src/protocol", "src/codec"];

/** What each part may import besides itself. The order is docs/architecture.md's. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/codec": [],
  "src/protocol": ["src/codec"],
  "src/hub": ["src/protocol", "src/codec"],
  "src/recording": ["src/hub", "src/protocol", "src/codec"],
  "src/access": ["src/protocol"],
  "src/metrics": [],
  "src/http": [
    "src/access",
    "src/metrics",
    "src/recording",
    "src/hub",
    "src/protocol",
    "src/codec",
  ],
  "src/ws": ["src/access", "src/recording", "src/hub", "src/protocol", "src/codec"],
  "src/client": ["src/protocol", "src/codec"],
  "src/three": ["src/client", "src/codec"],
  "src/load": ["src/recording", "src/protocol", "src/codec"],
  // The page's files as the server gives them; the page itself is viewer/, which the bundler reads.
  "src/page": ["src/http"],
  // The modules of src/ itself: server.ts and what it wires.
  src: [
    "src/motion",
    "src/page",
    "src/http",
    "src/ws",
    "src/access",
    "src/metrics",
    "src/recording",
    "src/hub",
    "src/protocol",
    "src/codec",
  ],
  "src/cli": ["src", "src/client", "src/load", "src/recording", "src/protocol", "src/codec"],
  // Made-up motion, for the demo and for the page.
  "src/motion": ["src/codec"],
  viewer: ["viewer/live", "viewer/stage", ...PAGE_LIBRARIES],
  // Chunks of the page, in the order in which they are loaded; what they share is in viewer/ itself.
  "viewer/live": ["viewer", "viewer/stage", ...PAGE_LIBRARIES],
  "viewer/stage": ["viewer", ...PAGE_LIBRARIES],
};

const ISOMORPHIC = ["src/codec", "src/protocol", "src/client", "src/motion"];

function partOf(path: string): string {
  const parts = Object.keys(MAY_IMPORT).toSorted((a, b) => b.length - a.length);
  return parts.find((part) => path.startsWith(`${part}/`)) ?? dirname(path);
}

interface Import {
  readonly from: string;
  readonly to: string;
}

async function sources(): Promise<{ path: string; text: string }[]> {
  const files = new Bun.Glob("{src,viewer}/**/*.ts").scan({ cwd: ROOT });
  const all = [];
  for await (const path of files) {
    if (!path.endsWith(".test.ts"))
      all.push({ path, text: await Bun.file(join(ROOT, path)).text() });
  }
  return all;
}

function importsOf({ path, text }: { path: string; text: string }): Import[] {
  const statements = text.matchAll(
    /(?:^|\n)(?:import|export)\s[^;"']*?\bfrom\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)/g,
  );
  return Array.from(statements, ([, target = "", dynamicTarget = ""]) => ({
    from: path,
    to: target || dynamicTarget,
  }));
}

const all = (await sources()).flatMap(importsOf);
const crossing = all
  .filter(({ to }) => to.startsWith(".") && to.endsWith(".ts"))
  .map((each) => ({ ...each, to: relative(ROOT, join(ROOT, dirname(each.from), each.to)) }));

test("there are imports to check", () => {
  expect(crossing.length).toBeGreaterThan(50);
});

describe("imports point one way", () => {
  for (const [part, allowed] of Object.entries(MAY_IMPORT)) {
    test(`${part} imports ${allowed.join(", ") || "nothing else"}`, () => {
      const wrong = crossing.filter(({ from, to }) => {
        const [source, target] = [partOf(from), partOf(to)];
        return source === part && target !== part && !allowed.includes(target);
      });
      expect(wrong).toEqual([]);
    });
  }
});

test("files import each other in no circle", () => {
  const importsByFile = Map.groupBy(crossing, ({ from }) => from);
  const circles = new Map<string, string>();
  for (const file of importsByFile.keys()) {
    const circle = shortestWayBack(file);
    // Each file of a circle finds it: it is told once.
    if (circle !== null) circles.set(circle.toSorted().join(), [...circle, file].join(" -> "));
  }
  expect([...circles.values()]).toEqual([]);

  /** The files from `start` on that lead back to it; null if none do. Types count: they change together too. */
  function shortestWayBack(start: string): string[] | null {
    const ways = [[start]];
    const seen = new Set<string>();
    for (const way of ways) {
      for (const { to } of importsByFile.get(way.at(-1)!) ?? []) {
        if (to === start) return way;
        if (seen.has(to)) continue;
        seen.add(to);
        ways.push([...way, to]);
      }
    }
    return null;
  }
});

describe("isomorphic code", () => {
  for (const part of ISOMORPHIC) {
    test(`${part} imports no package and no runtime's module`, () => {
      const foreign = all.filter(({ from, to }) => partOf(from) === part && !to.startsWith("."));
      expect(foreign).toEqual([]);
    });
  }

  test("src/three imports no package but three, and no runtime's module", () => {
    const packages = all.filter(
      ({ from, to }) => partOf(from) === "src/three" && !to.startsWith("."),
    );
    // "three/addons/…" is of the same package.
    expect(new Set(packages.map(({ to }) => to.split("/")[0]))).toEqual(new Set(["three"]));
  });

  test("type-checks without the types of Bun and Node", async () => {
    const check = Bun.spawn([process.execPath, "x", "tsc", "-p", "tsconfig.isomorphic.json"], {
      cwd: ROOT,
      stdout: "pipe",
    });
    expect([await new Response(check.stdout).text(), await check.exited]).toEqual(["", 0]);
  }, 60_000);
});
