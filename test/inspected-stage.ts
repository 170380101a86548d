// The page's stage, with a way to look into it. Only the page that tests are served has this; see
// inspected-page.ts.
import { Mesh, Vector3 } from "three";
import { Stage as PageStage } from "../viewer/stage/stage.ts";
import type { StageOptions } from "../viewer/stage/stage.ts";
import { FrameTimes } from "./frame-times.ts";

export type Point = readonly [number, number, number];

/** What tests see of the stage: places in the room, metres, right-handed. */
export interface Inspection {
  /** Who is drawn in full. */
  players(): string[];
  /** How many are drawn as stand-ins. */
  standIns(): number;
  /** Calls of the graphics in the last frame. */
  drawCalls(): number;
  /** Where a bone is as it was published. */
  worldPositionOf(id: string, bone: string): Point | undefined;
  /** Where a node of a worn model is. */
  modelPositionOf(id: string, node: string): Point | undefined;
  /** The weight of a morph target of a worn model. */
  modelMorphOf(id: string, name: string): number | undefined;
  cameraTarget(): Point;
  /** Where a place in the room is in the view: x and y are -1 to 1 in it. */
  inView(place: Point): Point;
  followed(): string | null;
  /** How many frames were drawn, and how long the page's JavaScript took for each of the last ones. */
  frames(): { count: number; medianMs: number; p95Ms: number };
}

export class Stage extends PageStage {
  constructor(options: StageOptions) {
    super(options);
    globalThis.avatarSyncStage = inspectionOf(this);
  }
}

const frameTimes = new FrameTimes();
const request = globalThis.requestAnimationFrame.bind(globalThis);
globalThis.requestAnimationFrame = (draw) =>
  request((timeMs) => {
    const startMs = performance.now();
    draw(timeMs);
    frameTimes.add(performance.now() - startMs);
  });

function inspectionOf(stage: PageStage): Inspection {
  const { figures } = stage.cast;
  return {
    players: () => [...figures.keys()],
    standIns: () => stage.cast.standIns.count,
    drawCalls: () => stage.drawCalls,
    worldPositionOf: (id, bone) => figures.get(id)?.positionOf(bone),
    modelPositionOf(id, node) {
      const figure = figures.get(id);
      const object = figure?.model?.object.getObjectByName(node);
      if (figure === undefined || object === undefined) return undefined;
      figure.group.updateWorldMatrix(true, true);
      const { x, y, z } = figure.group.worldToLocal(object.getWorldPosition(new Vector3()));
      return [x, y, z];
    },
    modelMorphOf(id, name) {
      let weight: number | undefined;
      figures.get(id)?.model?.object.traverse((object) => {
        if (!(object instanceof Mesh)) return;
        const index = object.morphTargetDictionary?.[name];
        if (index !== undefined) weight ??= object.morphTargetInfluences?.[index];
      });
      return weight;
    },
    inView: (place) => {
      const { x, y, z } = new Vector3(...place).project(stage.camera.camera);
      return [x, y, z];
    },
    cameraTarget: () => stage.camera.target,
    followed: () => stage.followed,
    frames: () => ({
      count: frameTimes.count,
      medianMs: frameTimes.percentile(0.5),
      p95Ms: frameTimes.percentile(0.95),
    }),
  };
}
