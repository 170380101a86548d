// The page at / in a real browser, against a real server.
import { describe, expect, test } from "bun:test";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { connect, createPose } from "../src/client/index.ts";
import { encodeBinary, encodeJson } from "../src/codec/index.ts";
import { SourcePage } from "../src/page/source-page.ts";
import { smallFrame } from "./frames.ts";
import { usePages } from "./page-fixture.ts";
import { startPageProxy } from "./page-proxy.ts";
import { setHidden } from "./page-stage.ts";
import { CHROMIUM, requireTool } from "./tools.ts";

const TEST_MS = 60_000;
const PHONE = { width: 360, height: 740 };

const executablePath = requireTool(CHROMIUM);

describe.skipIf(executablePath === undefined)("the page", () => {
  const { serve, newPage, atEnd, forgive } = usePages({
    executablePath,
    waitMs: TEST_MS / 2,
    page: new SourcePage(),
  });

  async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await newPage(options);
    await page.goto(url);
    await page.locator("main").waitFor();
    return page;
  }

  test(
    "shows both slots of the demo, live",
    async () => {
      const { url } = await serve({ demo: true });
      const page = await openPage(url);
      await page.getByText("2 of 2 connected").waitFor();
      for (const [id, name, bones, updatesMin] of [
        ["player1", "Dancer", "62", 10],
        ["player2", "Headset", "52", 30],
      ] as const) {
        const card = slot(page, id);
        await waitForFact(card, "Bones", bones);
        await waitForFact(card, "Source", "Demo");
        await waitForFact(card, "Format", "JSON");
        await waitForFact(card, "Coordinates", "glTF");
        await card.getByText("Connected", { exact: true }).waitFor();
        await card.getByText(name, { exact: true }).waitFor();
        const [updates, age] = [fact(card, "Updates"), fact(card, "Age")];
        await page.waitForFunction(
          ([element, min]) => Number.parseFloat(element.textContent) > min,
          [await updates.elementHandle(), updatesMin] as const,
        );
        expect(await updates.textContent()).toMatch(/^\d+\.\d \/s$/);
        const ageBefore = await age.textContent();
        expect(ageBefore).toMatch(/^\d\.\d\d s$/);
        await page.waitForFunction(([element, before]) => element.textContent !== before, [
          await age.elementHandle(),
          ageBefore,
        ] as const);
      }
      await page.getByText("Running", { exact: true }).waitFor();
      expect(await page.title()).toBe("avatar-sync");
    },
    TEST_MS,
  );

  test(
    "shows who takes a slot over from the demo",
    async () => {
      const { url } = await serve({ demo: true });
      const page = await openPage(url);
      const card = slot(page, "player1");
      await waitForFact(card, "Source", "Demo");
      await post(`${url}/player1`, encodeBinary(smallFrame()), "application/octet-stream");
      await waitForFact(card, "Source", "HTTP");
      await waitForFact(card, "Format", "Binary");
      await waitForFact(card, "Bones", "2");
      await waitForFact(card, "Blend shapes", "1");
      await waitForFact(card, "Frame", "340 B");
      await waitForFact(slot(page, "player2"), "Source", "Demo");
    },
    TEST_MS,
  );

  test(
    "says how to write to a slot that nobody writes, until somebody does",
    async () => {
      const { url } = await serve();
      const page = await openPage(url, { permissions: ["clipboard-read", "clipboard-write"] });
      const card = slot(page, "player1");
      await card.getByText("Not connected", { exact: true }).waitFor();
      const frame = String.raw`{\"blendShapes\":[{\"name\":\"jawOpen\",\"weight\":1}]}`;
      const line = `curl -d "${frame}" -H "Content-Type: application/json" ${url}/player1`;
      await card.getByText(line, { exact: true }).waitFor();
      await card.getByText("from this machine only").waitFor();
      await card.getByRole("button", { name: "Copy the command line for player1" }).click();
      await card.getByText("Copied", { exact: true }).waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(line);

      // [21] What the line posts is shown.
      await post(`${url}/player1`, frame.replaceAll("\\", ""));
      await card.getByText("Connected", { exact: true }).waitFor();
      await waitForFact(card, "Blend shapes", "1");
      const status = await (await fetch(`${url}/status`)).json();
      expect(status.players[0]).toMatchObject({ id: "player1", unavailable: null });
      await card.getByText(line, { exact: true }).waitFor({ state: "hidden" });
      await page.getByRole("status").getByText("player1: connected.").waitFor();
      await fetch(`${url}/player1`, { method: "DELETE" });
      await card.getByText(line, { exact: true }).waitFor();
    },
    TEST_MS,
  );

  test(
    "says how to write to a room that nobody is in, until somebody is",
    async () => {
      const { url } = await serve();
      const page = await openPage(`${url}/?room=lab`);
      const path = `${url}/rooms/lab/players/player1`;
      await slot(page, "player1").getByText(path, { exact: true }).waitFor();
      await page.getByText("0 of 0 connected").waitFor();
      await page.getByText("Nobody has written to room lab yet.").waitFor();
      // [20] A look makes no room.
      const { rooms } = await (await fetch(`${url}/rooms`)).json();
      expect(rooms.map(({ id }: { id: string }) => id)).toEqual(["default"]);
      await post(`${url}/rooms/lab/players/ann`, "{}");
      await slot(page, "ann").waitFor();
      await slot(page, "player1").waitFor({ state: "detached" });
      await page.getByRole("status").getByText("ann: connected.", { exact: true }).waitFor();
      // [20] Whoever has left was there.
      await fetch(`${url}/rooms/lab/players/ann`, { method: "DELETE" });
      await page.getByText("Everybody has left room lab.").waitFor();
      await page.reload();
      await page.getByText("Everybody has left room lab.").waitFor();
    },
    TEST_MS,
  );

  test(
    "copies without a clipboard of the browser's, as pages without TLS must",
    async () => {
      const { url } = await serve();
      const page = await newPage();
      await page.addInitScript(() => {
        Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined });
      });
      await page.goto(url);
      await page.getByRole("button", { name: "Copy the address of player2" }).click();
      await slot(page, "player2").getByText("Copied", { exact: true }).waitFor();
      await page.evaluate(() => document.body.append(document.createElement("textarea")));
      await page.locator("textarea").press("Control+V");
      expect(await page.locator("textarea").inputValue()).toBe(`${url}/player2`);
    },
    TEST_MS,
  );

  test(
    "names the addresses of a server on every network, and one for a headset",
    async () => {
      const { url, addresses } = await serve({ host: "0.0.0.0" });
      const page = await openPage(url, { permissions: ["clipboard-read", "clipboard-write"] });
      const list = page.getByRole("region", { name: "Addresses" });
      for (const { name, url: address } of addresses) {
        await list.getByRole("listitem").filter({ hasText: name }).getByText(address).waitFor();
      }
      const network = addresses.find(({ name }) => name === "Network");
      if (network === undefined) return;
      await slot(page, "player2").getByText(`${network.url}/player2`, { exact: true }).waitFor();
      await page.getByRole("button", { name: "Share link" }).click();
      await page.getByRole("button", { name: "Link copied" }).waitFor();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      expect(link).toBe(`${network.url}/?room=default`);
    },
    TEST_MS,
  );

  test(
    "says that the server has gone, and follows it when it is back",
    async () => {
      // The browser logs requests that fail, whatever the page does about them; the live part may be one.
      forgive(/net::ERR_|dynamically imported module/);
      const first = await serve({ demo: true });
      const page = await openPage(first.url);
      await page.getByText("2 of 2 connected").waitFor();
      await first.stop();
      await page.getByText("Unreachable", { exact: true }).waitFor();
      await page.getByText("The server does not answer. It last answered").waitFor();
      await page.getByText(/^as of \d+ s ago$/).waitFor();
      await slot(page, "player1").getByText("Unknown", { exact: true }).waitFor();
      await page.getByText("of 2 connected").waitFor({ state: "hidden" });
      // Numbers that are no more are grey.
      const soft = await page.evaluate(() => {
        const style = (selector: string) => getComputedStyle(document.querySelector(selector)!);
        return style("article dd").color === style("article dt").color;
      });
      expect(soft).toBe(true);

      await serve({ port: first.port });
      await page.getByText("Running", { exact: true }).waitFor();
      await page.getByText("0 of 2 connected").waitFor();
      await slot(page, "player1").getByText("Not connected", { exact: true }).waitFor();
      await page.getByText("The server does not answer").first().waitFor({ state: "hidden" });
    },
    TEST_MS,
  );

  test(
    "says so where something answers that is not the server's status",
    async () => {
      forgive(/status of 503/);
      const { url } = await serve();
      const page = await newPage();
      let answer: { status: number; body: string } = { status: 503, body: "" };
      await page.route("**/status?*", (route) => route.fulfill(answer));
      await page.goto(url);
      await page.getByText("The server answers 503. This page keeps asking.").waitFor();
      expect(await page.locator("main").isHidden()).toBe(true);
      answer = { status: 200, body: "<p>Log in to the hotel's network</p>" };
      await page.getByText("Something else answers at this address.").first().waitFor();
      await page.unroute("**/status?*");
      await page.getByText("Running", { exact: true }).waitFor();
    },
    TEST_MS,
  );

  test(
    "[20] a status that is cut off by its time-out is a slow server, and no other one",
    async () => {
      // A browser logs what it gave up on, and what is cut off with the proxy.
      forgive(/net::ERR_|WebSocket connection/);
      const { port } = await serve();
      const proxy = await startPageProxy(port);
      atEnd(() => proxy.stop());
      const page = await openPage(proxy.url);
      await page.getByText("Running", { exact: true }).waitFor();
      const givenUp = proxy.givenUp();
      proxy.hold("/status");
      await page
        .getByText(/^The server is slow to answer\. These numbers are \d+ s old\.$/)
        .waitFor();
      await page.getByText("Slow", { exact: true }).waitFor();
      await givenUp;
      await page.waitForRequest("**/status?*");
      await page.getByText("Slow", { exact: true }).waitFor();
      expect(await page.getByText("Something else answers").count()).toBe(0);
      expect(await page.locator("main").isVisible()).toBe(true);
      proxy.hold(null);
      await page.getByText("Running", { exact: true }).waitFor();
    },
    TEST_MS,
  );

  test(
    "[20] a server that says that it is busy is slow",
    async () => {
      forgive(/status of 503/);
      const { url } = await serve();
      const page = await openPage(url);
      const error = { code: "too_many_requests", message: "busy" };
      await page.route("**/status?*", (route) => route.fulfill({ status: 503, json: { error } }));
      await page.getByText("The server is slow to answer.").first().waitFor();
      await page.unroute("**/status?*");
      await page.getByText("Running", { exact: true }).waitFor();
    },
    TEST_MS,
  );

  test(
    "shows a player that fell silent as disconnected, and what a frame was refused for",
    async () => {
      const { url } = await serve();
      await post(`${url}/player1`, encodeJson(smallFrame()));
      await post(`${url}/player1`, "no frame");
      const page = await newPage();
      await page.route("**/status?*", async (route) => {
        const status = await (await route.fetch()).json();
        Object.assign(status.room.players[0], { state: "stale", ageSeconds: 754 });
        await route.fulfill({ json: status });
      });
      await page.goto(url);
      const card = slot(page, "player1");
      await card.getByText("Disconnected", { exact: true }).waitFor();
      await waitForFact(card, "Age", "12 min");
      await card.getByText("No new frame for more than 10 s.").waitFor();
      await card.getByText(/^Refused 1 frame .* ago: byte 0: found "n" where/).waitFor();
      await page.unrouteAll({ behavior: "wait" });
    },
    TEST_MS,
  );

  test(
    "charts what goes in and out by format, and continues when the server was restarted",
    async () => {
      const first = await serve();
      const skeleton = { boneNames: ["Hips"], blendShapeNames: [] };
      const pose = createPose(skeleton);
      const rooms = (["stream", "binary"] as const).map((format) =>
        connect(first.url, { player: format, format }),
      );
      const timer = setInterval(() => {
        for (const room of rooms) room.publishPose(skeleton, pose, performance.now());
      }, 20);
      atEnd(() => {
        clearInterval(timer);
        for (const room of rooms) room.leave();
      });
      const page = await openPage(first.url);
      const isCounted = async () => {
        for (const chart of ["Traffic in", "Traffic out"]) {
          await reading(page, chart, "Stream")
            .getByText(/[1-9].* [KM]?B\/s$/)
            .waitFor();
          await reading(page, chart, "Binary")
            .getByText(/[1-9].* [KM]?B\/s$/)
            .waitFor();
          await reading(page, chart, "JSON").getByText("0 B/s", { exact: true }).waitFor();
        }
        await reading(page, "Drops", "Layer left out").getByText("/s").waitFor();
        await page.getByText("3 (2 stream, 1 binary)", { exact: true }).waitFor();
      };
      await isCounted();
      // Lines differ in more than their colours.
      const strokes = page.locator("figure", { hasText: "Drops" }).locator("line");
      const dashes = await strokes.evaluateAll((lines) =>
        lines.map((line) => line.getAttribute("stroke-dasharray")),
      );
      expect(new Set(dashes).size).toBe(4);

      // The browser logs requests and sockets that fail, whatever the page does about them.
      forgive(/net::ERR_|WebSocket connection/);
      await first.stop();
      await reading(page, "Traffic in", "Stream").waitFor({ state: "detached" });
      await serve({ port: first.port });
      await isCounted();
    },
    TEST_MS,
  );

  test(
    "[21] charts tell the values under the pointer, or at the keyboard's place, and whether they are good",
    async () => {
      const { url } = await serve({ demo: true });
      const page = await openPage(`${url}/?quality=3`);
      const chart = page.locator("figure").filter({ hasText: "Updates" });
      await chart.getByText(/^(Good: at least|Poor: under) 15 \/s$/).waitFor();
      const slider = page.getByRole("slider", {
        name: "Updates: a moment of the last two minutes",
      });
      // A few seconds back there is something to read.
      await page.waitForFunction(
        () => document.querySelectorAll("figure:first-child li").length === 2,
      );
      await slider.evaluate((element) => element.scrollIntoView({ block: "center" }));
      const box = (await slider.boundingBox())!;
      await page.mouse.move(box.x + box.width - 9, box.y + box.height / 2);
      await chart.getByText(/^Updates, [0-3] s ago$/).waitFor();
      // Every chart is at that moment.
      await page.getByText(/^Latency, [0-3] s ago$/).waitFor();
      await page.mouse.move(0, 0);
      await chart.getByText("Updates", { exact: true }).waitFor();

      await slider.focus();
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("ArrowLeft");
      await chart.getByText("Updates, 2 s ago", { exact: true }).waitFor();
      expect(await slider.getAttribute("aria-valuenow")).toBe("-2");
      // The page may have been open for less than that. A value is spoken when the cursor moves to it.
      await chart.locator("li").filter({ hasText: "player1" }).waitFor();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowLeft");
      expect(await slider.getAttribute("aria-valuetext")).toMatch(/^2 s ago: .*player1 [\d.]+ \/s/);
      await page.keyboard.press("Home");
      await chart.getByText("Updates, 1 min 59 s ago", { exact: true }).waitFor();
      expect(await slider.getAttribute("aria-valuetext")).toBe("1 min 59 s ago: nothing");
      await page.keyboard.press("Escape");
      await chart.getByText("Updates", { exact: true }).waitFor();
    },
    TEST_MS,
  );

  test(
    "shows what strangers call themselves as text, and players that come and go",
    async () => {
      const { url } = await serve();
      const page = await openPage(url, { viewport: PHONE });
      const names = [
        `<img src="http://127.0.0.1:9/" onerror="console.error(1)"><b>bold</b>`,
        "W".repeat(3000),
        "\u202Eright to left \u05D0\u05D1\u05D2",
      ];
      const ids = [`a${"-b".repeat(31)}`, "W".repeat(64), "carol"];
      for (const [index, displayName] of names.entries()) {
        const path = `${url}/rooms/default/players/${ids[index]}`;
        await post(path, encodeJson(smallFrame()));
        const body = JSON.stringify({ displayName });
        await fetch(`${path}/info`, { method: "PUT", headers: JSON_TYPE, body });
        await slot(page, ids[index]).getByText(displayName, { exact: true }).waitFor();
      }
      expect(await page.locator("article :is(img, b)").count()).toBe(0);
      await page.getByText("3 of 5 connected").waitFor();
      await page.getByRole("status").getByText("carol: connected.").waitFor();
      // Offered, as it would be asked for.
      for (const [avatarUrl, href, shown] of [
        [`https://a.example/${"a".repeat(3800)}`, /^https:.*a$/, /^https:.*a$/],
        ["https://a.example/\u202Egpj.exe", /%E2%80%AEgpj\.exe$/, /%E2%80%AEgpj\.exe$/],
        ["javascript:alert(1)", null, /^javascript:alert\(1\)$/],
        ["https://", null, /^https:\/\/$/],
      ] as const) {
        const body = JSON.stringify({ avatarUrl });
        await fetch(`${url}/rooms/default/players/carol/info`, {
          method: "PUT",
          headers: JSON_TYPE,
          body,
        });
        const link = slot(page, "carol").locator("[data-field=avatar] a");
        await link.filter({ hasText: shown }).waitFor();
        if (href === null) expect(await link.getAttribute("href")).toBeNull();
        else expect(await link.getAttribute("href")).toMatch(href);
        expect(await widthBeyond(page)).toBe(0);
      }
      await post(`${url}/rooms/default/players/carol`, "", `application/${"x".repeat(500)}`);
      await slot(page, "carol").getByText("Refused 1 frame").waitFor();
      await openGuides(page);
      expect(await widthBeyond(page)).toBe(0);
      await fetch(`${url}/rooms/default/players/carol`, { method: "DELETE" });
      await slot(page, "carol").waitFor({ state: "detached" });
      await page.getByRole("status").getByText("carol: left.").waitFor();
    },
    TEST_MS,
  );

  test(
    "fits a phone",
    async () => {
      const { url } = await serve({ host: "0.0.0.0", demo: true });
      const page = await openPage(url, { viewport: PHONE });
      await page.getByText("2 of 2 connected").waitFor();
      expect(await widthBeyond(page)).toBe(0);
      await openGuides(page);
      expect(await widthBeyond(page)).toBe(0);
      // Charts are a strip that a keyboard scrolls, not a column that hides the players.
      const strip = page.getByRole("group", { name: "Charts" });
      await strip.locator("figure").nth(5).waitFor();
      const { height } = (await strip.boundingBox())!;
      expect(height).toBeLessThan(PHONE.height / 2);
      await strip.focus();
      // Browsers scroll smoothly: a press shows some frames later.
      const scrolled = () =>
        strip.evaluate(
          (it) => new Promise<number>((done) => requestAnimationFrame(() => done(it.scrollLeft))),
        );
      for (let presses = 0; presses < 300 && (await scrolled()) < PHONE.width; presses++) {
        await page.keyboard.press("ArrowRight");
      }
      expect(await scrolled()).toBeGreaterThanOrEqual(PHONE.width);
    },
    TEST_MS,
  );

  for (const colorScheme of ["light", "dark"] as const) {
    test(
      `can be read and walked through by keyboard, ${colorScheme}`,
      async () => {
        const { url } = await serve();
        await post(`${url}/player1`, encodeJson(smallFrame()));
        await post(`${url}/player2`, "no frame");
        const page = await openPage(url, { colorScheme });
        // Every state of a card and of the server.
        for (const state of ["live", "stale", "unknown"]) {
          await page.evaluate((shown) => {
            for (const card of document.querySelectorAll("article")) card.dataset["state"] = shown;
            document.body.dataset["server"] = shown === "unknown" ? "unreachable" : "reachable";
          }, state);
          expect(await faintTexts(page)).toEqual([]);
        }
        const reached: string[] = [];
        for (let presses = 0; presses < 60 && !reached.includes("health"); presses++) {
          await page.keyboard.press("Tab");
          const [text, outline] = await page.evaluate(() => {
            const focused = document.activeElement!;
            return [focused.textContent, getComputedStyle(focused).outlineStyle] as const;
          });
          expect(outline).toBe("solid");
          reached.push(text);
        }
        expect(reached).toContain("Write to this slot");
        expect(reached).toContain("Copy the address of player2");
        expect(reached).toContain("health");
        const headings = await page.getByRole("heading").allInnerTexts();
        expect(headings).toEqual([
          "avatar-sync",
          "Live",
          "Players",
          "player1",
          "player2",
          "Addresses",
          "Server",
        ]);
        for (const landmark of ["banner", "main", "contentinfo"] as const) {
          expect(await page.getByRole(landmark).count()).toBe(1);
        }
      },
      TEST_MS,
    );
  }

  test(
    "asks nothing while nobody looks",
    async () => {
      const { url } = await serve();
      const page = await newPage();
      await page.clock.install();
      let asked = 0;
      page.on("request", (request) => (asked += request.url().includes("/status") ? 1 : 0));
      await page.goto(url);
      await page.locator("main").waitFor();
      await setHidden(page, true);
      const askedBefore = asked;
      await page.clock.runFor(60_000);
      expect(asked).toBe(askedBefore);
      const answered = page.waitForResponse("**/status?*");
      await setHidden(page, false);
      await answered;
    },
    TEST_MS,
  );
});

const JSON_TYPE = { "Content-Type": "application/json" };

function post(url: string, body: Uint8Array<ArrayBuffer> | string, type = "application/json") {
  return fetch(url, { method: "POST", headers: { "Content-Type": type }, body });
}

function slot(page: Page, id: string): Locator {
  return page.getByRole("article", { name: id, exact: true });
}

function fact(card: Locator, label: string): Locator {
  return card.locator("dl > div").filter({ hasText: label }).locator("dd");
}

/** What a chart's legend says of a line. */
function reading(page: Page, chart: string, line: string): Locator {
  return page
    .locator("figure")
    .filter({ hasText: chart })
    .getByRole("listitem")
    .filter({ hasText: line })
    .locator("span");
}

function waitForFact(card: Locator, label: string, text: string): Promise<void> {
  return fact(card, label).getByText(text, { exact: true }).waitFor();
}

function openGuides(page: Page): Promise<void> {
  return page.evaluate(() => {
    for (const guide of document.querySelectorAll("details")) guide.open = true;
  });
}

/** By how many pixels the page is wider than its window. */
function widthBeyond(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** The texts in sight whose contrast is under 4.5 to 1 (WCAG 2.2, 1.4.3). */
function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const channels = (color: string) => color.match(/[\d.]+/g)!.map(Number);
    const luminance = (color: string) => {
      const [r, g, b] = channels(color).map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const background = (element: Element): string => {
      const color = getComputedStyle(element).backgroundColor;
      const isClear = channels(color)[3] === 0;
      return isClear && element.parentElement ? background(element.parentElement) : color;
    };
    const faint: string[] = [];
    for (const element of document.body.querySelectorAll("*")) {
      const text = Array.from(element.childNodes, (node) =>
        node.nodeType === Node.TEXT_NODE ? node.nodeValue!.trim() : "",
      ).join("");
      if (text === "" || !element.checkVisibility()) continue;
      const [ink, ground] = [getComputedStyle(element).color, background(element)].map(luminance);
      const ratio = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
      if (ratio < 4.5) faint.push(`${text}: ${ratio.toFixed(2)}`);
    }
    return faint;
  });
}
