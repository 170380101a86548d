// Scenery: renderer, light, floor and grid, in the page's colours. On a slow device it drops the most expensive
// effects first.
import {
  CircleGeometry,
  Color,
  DirectionalLight,
  Fog,
  GridHelper,
  HemisphereLight,
  Mesh,
  NeutralToneMapping,
  PCFShadowMap,
  Scene,
  ShadowMaterial,
  WebGLRenderer,
} from "three";
import type { PerspectiveCamera, Vector3 } from "three";

// Headsets and phones report 3, which looks hardly better than 2 and costs 9/4 of its pixels.
const PIXEL_RATIO_MAX = 2;
const SHADOW_REACH_M = 4.5;
const SHADOW_MAP_PIXELS = 2048;
const LIGHT_FROM = [2.4, 5.2, 3.2] as const;

/** From best to cheapest. Each time frames are too slow for a while, the next one is used. */
const QUALITIES = [
  { pixelRatioMax: PIXEL_RATIO_MAX, hasShadows: true },
  { pixelRatioMax: 1.25, hasShadows: true },
  { pixelRatioMax: 1, hasShadows: false },
  { pixelRatioMax: 0.7, hasShadows: false },
] as const;
// Fewer than 38 frames a second for this long is no hiccup, unlike the first frames, which compile shaders.
const SLOW_FRAME_MS = 26;
const SLOW_FOR_MS = 2000;
const SLOW_FRAMES_MIN = 6;

export class Scenery {
  readonly scene = new Scene();
  readonly canvas: HTMLCanvasElement;
  readonly grid: GridHelper;
  readonly #holder: HTMLElement;
  readonly #renderer: WebGLRenderer;
  readonly #sun = new DirectionalLight("#fff6ea", 2.4);
  readonly #sky = new HemisphereLight("#ffffff", "#8d8aa6", 1.5);
  readonly #shadow = new ShadowMaterial({ opacity: 0.2 });
  readonly #fog = new Fog("#ffffff", 6, 20);
  // `?quality=0` to 3 pins the quality, for screenshots and measurements.
  readonly #pinned = QUALITIES.findIndex(
    (_, index) => new URLSearchParams(location.search).get("quality") === String(index),
  );
  #quality = Math.max(0, this.#pinned);
  #slowFrames = 0;
  #slowSinceMs = 0;
  #lastMs = 0;

  /**
   * `onLost` is called when the graphics are lost (a driver that was reset, a phone out of memory) and when
   * they are back. three.js then continues by itself.
   * @throws {Error} without WebGL.
   */
  constructor(holder: HTMLElement, onLost: (isLost: boolean) => void) {
    this.#holder = holder;
    const renderer = new WebGLRenderer({ antialias: true, powerPreference: "high-performance" });
    this.#renderer = renderer;
    this.canvas = renderer.domElement;
    this.canvas.addEventListener("webglcontextlost", () => onLost(true));
    this.canvas.addEventListener("webglcontextrestored", () => onLost(false));
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.ariaLabel =
      "The room in 3D. Arrow keys turn the view, plus and minus zoom, Escape stops following.";
    renderer.toneMapping = NeutralToneMapping;
    renderer.toneMappingExposure = 1.05;
    // The check would wait for each shader to compile.
    renderer.debug.checkShaderErrors = false;
    renderer.shadowMap.enabled = true;
    renderer.shadowMap.type = PCFShadowMap;

    this.grid = new GridHelper(40, 40);
    const rim = new DirectionalLight("#cfd8ff", 1.1);
    rim.position.set(-3, 3, -4);
    const floor = new Mesh(new CircleGeometry(60, 48).rotateX(-Math.PI / 2), this.#shadow);
    floor.receiveShadow = true;
    this.scene.fog = this.#fog;
    this.scene.add(this.#sky, this.#sun, this.#sun.target, rim, floor, this.grid);
    this.#setUpShadows();
    this.updateColors();
    new ResizeObserver(() => this.#resize()).observe(holder);
    this.#resize();
  }

  /** Calls of the graphics in the last frame, shadows included. */
  get drawCalls(): number {
    return this.#renderer.info.render.calls;
  }

  updateColors(): void {
    const style = getComputedStyle(this.#holder);
    const background = new Color(style.backgroundColor);
    const line = new Color(style.borderTopColor);
    this.scene.background = background;
    this.#fog.color = background;
    const { material } = this.grid;
    material.vertexColors = false;
    material.color = line;
    material.needsUpdate = true;
    const isDark = background.getHSL({ h: 0, s: 0, l: 0 }).l < 0.4;
    this.#shadow.opacity = isDark ? 0.5 : 0.2;
    this.#sky.intensity = isDark ? 1.5 : 2.1;
    this.#sun.intensity = isDark ? 2.2 : 2.4;
  }

  render(camera: PerspectiveCamera, target: Vector3, timeMs: number): void {
    this.#watch(timeMs);
    const distance = camera.position.distanceTo(target);
    // A giant is seen from afar, and is as deep.
    const depth = Math.max(1, distance / 20);
    this.#fog.near = distance + 3 * depth;
    this.#fog.far = distance + 14 * depth;
    // The sun follows the view, so that shadows are sharp where somebody looks.
    this.#sun.target.position.set(target.x, 0, target.z);
    this.#sun.position.set(target.x + LIGHT_FROM[0], LIGHT_FROM[1], target.z + LIGHT_FROM[2]);
    this.#renderer.render(this.scene, camera);
  }

  #setUpShadows(): void {
    const sun = this.#sun;
    sun.castShadow = QUALITIES[this.#quality].hasShadows;
    sun.shadow.mapSize.set(SHADOW_MAP_PIXELS, SHADOW_MAP_PIXELS);
    Object.assign(sun.shadow.camera, {
      left: -SHADOW_REACH_M,
      right: SHADOW_REACH_M,
      top: SHADOW_REACH_M,
      bottom: -SHADOW_REACH_M,
      near: 0.5,
      far: 16,
    });
    sun.shadow.bias = -0.0004;
    sun.shadow.normalBias = 0.02;
    sun.shadow.radius = 3;
  }

  #watch(timeMs: number): void {
    const isSlow = timeMs - this.#lastMs > SLOW_FRAME_MS;
    this.#lastMs = timeMs;
    if (!isSlow || this.#pinned >= 0) {
      this.#slowFrames = 0;
      return;
    }
    if (this.#slowFrames++ === 0) this.#slowSinceMs = timeMs;
    const isLong = timeMs - this.#slowSinceMs > SLOW_FOR_MS && this.#slowFrames > SLOW_FRAMES_MIN;
    if (!isLong || this.#quality === QUALITIES.length - 1) return;
    this.#slowFrames = 0;
    this.#quality++;
    this.#sun.castShadow = QUALITIES[this.#quality].hasShadows;
    this.#resize();
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#holder;
    if (clientWidth === 0 || clientHeight === 0) return;
    const { pixelRatioMax } = QUALITIES[this.#quality];
    this.#renderer.setPixelRatio(Math.min(devicePixelRatio, pixelRatioMax));
    this.#renderer.setSize(clientWidth, clientHeight, false);
  }
}
