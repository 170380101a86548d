// What tests of the page's 3D share: what the page exposes, and where bones should be.
import type { BrowserContextOptions, Page } from "playwright-core";
import type { AvatarFrame, Bone } from "../src/codec/index.ts";
import type { Inspection, Point } from "./inspected-stage.ts";
import type { PageFixture } from "./page-fixture.ts";

export type { Point } from "./inspected-stage.ts";

const MILLIMETRE = 0.001;
const JSON_TYPE = { "Content-Type": "application/json" };

declare global {
  // oxlint-disable-next-line no-var -- how TypeScript declares a property of globalThis.
  var avatarSyncStage: Inspection | undefined;
}

/** Opens the page and waits for its 3D. */
export async function openStage(
  newPage: PageFixture["newPage"],
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await newPage(options);
  await page.goto(url);
  await page.waitForFunction(() => globalThis.avatarSyncStage !== undefined);
  return page;
}

export function post(url: string, body: Uint8Array<ArrayBuffer>): Promise<Response> {
  return fetch(url, { method: "POST", headers: JSON_TYPE, body });
}

export function putInfo(url: string, info: object): Promise<Response> {
  const slot = url.replace(/\/(player[12])$/, "/rooms/default/players/$1");
  return fetch(`${slot}/info`, { method: "PUT", headers: JSON_TYPE, body: JSON.stringify(info) });
}

export async function waitForPlayers(page: Page, ids: readonly string[]): Promise<void> {
  await page.waitForFunction(
    (wanted) => globalThis.avatarSyncStage!.players().toSorted().join() === wanted,
    ids.join(),
  );
}

/** As if another tab were in front. */
export function setHidden(page: Page, isHidden: boolean): Promise<void> {
  return page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

/** The times of the next `count` frames. */
export async function nextFrames(
  page: Page,
  count: number,
): Promise<ReturnType<Inspection["frames"]>> {
  const from = await page.evaluate(() => globalThis.avatarSyncStage!.frames().count);
  await page.waitForFunction(
    (until) => globalThis.avatarSyncStage!.frames().count >= until,
    from + count,
  );
  return page.evaluate(() => globalThis.avatarSyncStage!.frames());
}

export async function positionOf(page: Page, id: string, name: string): Promise<Point> {
  const at = await page.evaluate(
    ([player, bone]) => globalThis.avatarSyncStage!.worldPositionOf(player, bone),
    [id, name] as const,
  );
  if (at === undefined) throw new Error(`player ${id} has no bone ${name}`);
  return at;
}

/** Waits until interpolation has settled there. */
export async function waitForPosition(
  page: Page,
  id: string,
  name: string,
  at: Point,
  ask: "worldPositionOf" | "modelPositionOf" = "worldPositionOf",
): Promise<void> {
  await page
    .waitForFunction(
      ([player, bone, wanted, within, question]) => {
        const now = globalThis.avatarSyncStage![question](player, bone);
        return now?.every((value, axis) => Math.abs(value - wanted[axis]) < within);
      },
      [id, name, at, MILLIMETRE, ask] as const,
      { timeout: 10_000 },
    )
    .catch(async () => {
      const now = await page.evaluate(
        ([player, bone, question]) => globalThis.avatarSyncStage![question](player, bone),
        [id, name, ask] as const,
      );
      throw new Error(`${id} ${name}: ${now?.join()}; expected ${at.join()}`);
    });
}

export async function dropFile(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.evaluate(
    ([fileName, base64]) => {
      const content = Uint8Array.from(atob(base64), (letter) => letter.codePointAt(0)!);
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], fileName));
      const view = document.querySelector("#stage .view")!;
      const { left, top, width, height } = view.getBoundingClientRect();
      const place = { clientX: left + width / 2, clientY: top + height / 2 };
      view.dispatchEvent(
        new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true, ...place }),
      );
    },
    [name, Buffer.from(bytes).toString("base64")] as const,
  );
}

/** Where a bone is in the room, calculated in another way than the page does. */
export function worldPosition(frame: AvatarFrame, name: string): Point {
  let { x, y, z } = { x: 0, y: 0, z: 0 };
  let at: string | null | undefined = name;
  const apply = ({ localPosition: p, localRotation: q, localScale: s }: Omit<Bone, "name">) => {
    [x, y, z] = [x * s.x, y * s.y, z * s.z];
    // v + 2 q x (q x v + w v)
    const [cx, cy, cz] = [
      q.y * z - q.z * y + q.w * x,
      q.z * x - q.x * z + q.w * y,
      q.x * y - q.y * x + q.w * z,
    ];
    x += 2 * (q.y * cz - q.z * cy) + p.x;
    y += 2 * (q.z * cx - q.x * cz) + p.y;
    z += 2 * (q.x * cy - q.y * cx) + p.z;
  };
  while (typeof at === "string") {
    const found: Bone | undefined = frame.bones.find((each) => each.name === at);
    if (found === undefined) throw new Error(`no bone ${at}`);
    apply(found);
    at = found.parent;
  }
  const {
    worldPosition: localPosition,
    worldRotation: localRotation,
    localScale,
  } = frame.rootTransform;
  apply({ localPosition, localRotation, localScale });
  return [x, y, z];
}
