// Stage camera: frames everybody until somebody moves it. It orbits, follows a player and listens to the
// keyboard.
import { PerspectiveCamera, Spherical, Vector3 } from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { FOV_DEGREES, frameAll, isPlace, VIEW_DIRECTION } from "./framing.ts";

interface Shown {
  readonly middle: Vector3;
  readonly size: number;
}

const NOBODY_YET = new Vector3(0, 0.9, 0);
const FOLLOW_DISTANCE_M = 3.1;
const NEAR_M = 0.05;
const FAR_M = 400;
const ZOOM_OUT_MAX_M = 120;
const KEY_TURN = 0.12;
const KEY_ZOOM = 1.15;
// Rate of the exponential approach to the camera's goal, per second.
const EASE = 2.2;
// A view that glides by itself makes some people unwell. For them it jumps.
const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const FOLLOW_EASE = 7;

export class StageCamera {
  readonly camera = new PerspectiveCamera(FOV_DEGREES, 16 / 9, NEAR_M, FAR_M);
  readonly #controls: OrbitControls;
  readonly #canvas: HTMLCanvasElement;
  readonly #goalOffset = new Vector3();
  #mode: "frame" | "approach" | "free" = "frame";
  #hasFramed = false;
  #framedCount = 0;
  #lastMs = 0;

  /** `onTaken` is called when somebody presses Escape, which ends following. */
  constructor(canvas: HTMLCanvasElement, onTaken: () => void) {
    this.#canvas = canvas;
    this.camera.position.copy(VIEW_DIRECTION).multiplyScalar(5).add(NOBODY_YET);
    const controls = new OrbitControls(this.camera, canvas);
    this.#controls = controls;
    controls.target.copy(NOBODY_YET);
    controls.minDistance = 0.3;
    controls.maxDistance = ZOOM_OUT_MAX_M;
    controls.addEventListener("start", () => {
      // Turning the view does not end following.
      if (this.#mode !== "free") this.#mode = "free";
    });
    canvas.addEventListener("pointerdown", () => canvas.focus({ preventScroll: true }));
    // The wheel scrolls the page until the stage has the focus. With Ctrl it always zooms.
    canvas.addEventListener(
      "wheel",
      (event) => {
        if (document.activeElement !== canvas && !event.ctrlKey) event.stopImmediatePropagation();
      },
      { capture: true },
    );
    canvas.addEventListener("keydown", (event) => {
      if (this.#drive(event)) event.preventDefault();
      else if (event.key === "Escape") onTaken();
    });
  }

  get target(): [number, number, number] {
    const { x, y, z } = this.#controls.target;
    return [x, y, z];
  }

  get targetVector(): Vector3 {
    return this.#controls.target;
  }

  /** Frames everybody again. */
  reset(): void {
    this.#mode = "frame";
    this.#hasFramed = false;
  }

  /** Figures have jumped to other places, so the camera jumps too. */
  reframe(): void {
    this.#hasFramed = false;
  }

  /** Approaches a player from its front, from where all of it is seen. */
  follow({ shownForward, size }: { shownForward: Vector3; size: number }): void {
    this.#mode = "approach";
    const turned = shownForward.setY(0);
    if (!(turned.lengthSq() > 0.01)) turned.set(0, 0, 1);
    // A little to the side, where a face shows more.
    turned.normalize().applyAxisAngle(UP, 0.35);
    this.#goalOffset
      .copy(turned)
      .setY(FOLLOW_LIFT)
      .multiplyScalar(FOLLOW_DISTANCE_M * size);
    this.#letZoomOut(FOLLOW_DISTANCE_M * size);
  }

  release(): void {
    this.#mode = "free";
  }

  update(timeMs: number, figures: ReadonlyMap<string, Shown>, followed: string | null): void {
    const seconds = Math.min(0.5, Math.max(0, (timeMs - this.#lastMs) / 1000));
    this.#lastMs = timeMs;
    const { clientWidth, clientHeight } = this.#canvas;
    const aspect = clientWidth / Math.max(1, clientHeight);
    if (Math.abs(aspect - this.camera.aspect) > 0.001) {
      this.camera.aspect = aspect;
      this.camera.updateProjectionMatrix();
    }
    const controls = this.#controls;
    controls.enableDamping = !CALM.matches;
    const figure = followed === null ? undefined : figures.get(followed);
    if (figure !== undefined && isPlace(figure.middle)) {
      step.copy(figure.middle).sub(controls.target);
      step.multiplyScalar(easing(FOLLOW_EASE, seconds));
      controls.target.add(step);
      this.camera.position.add(step);
      if (this.#mode === "approach") {
        wanted.copy(controls.target).add(this.#goalOffset);
        this.camera.position.lerp(wanted, CALM.matches ? 1 : easing(EASE, seconds));
        if (this.camera.position.distanceTo(wanted) < 0.02) this.#mode = "free";
      }
    } else if (this.#mode === "frame" && figures.size > 0) {
      this.#frame(figures, seconds);
    }
    controls.update(seconds);
    this.#fitDepth();
  }

  #letZoomOut(distanceM: number): void {
    this.#controls.maxDistance = Math.max(ZOOM_OUT_MAX_M, 1.5 * distanceM);
  }

  /** From afar, as a giant is seen, depths begin and end farther away. */
  #fitDepth(): void {
    const distance = this.camera.position.distanceTo(this.#controls.target);
    const share = Math.max(1, distance / ZOOM_OUT_MAX_M);
    if (Math.abs(this.camera.far - FAR_M * share) < 1) return;
    this.camera.near = NEAR_M * share;
    this.camera.far = FAR_M * share;
    this.camera.updateProjectionMatrix();
  }

  #frame(figures: ReadonlyMap<string, Shown>, seconds: number): void {
    if (!frameAll(figures, this.camera.aspect, framed)) return;
    this.#letZoomOut(framed.position.distanceTo(framed.target));
    if (CALM.matches && figures.size !== this.#framedCount) this.#hasFramed = false;
    this.#framedCount = figures.size;
    if (this.#hasFramed) {
      const share = CALM.matches ? 0 : easing(EASE / 2, seconds);
      this.#controls.target.lerp(framed.target, share);
      this.camera.position.lerp(framed.position, share);
    } else {
      this.#hasFramed = true;
      this.#controls.target.copy(framed.target);
      this.camera.position.copy(framed.position);
    }
  }

  /** Turns or zooms by key. Returns whether the key does that. */
  #drive({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
    if (ctrlKey || altKey || metaKey) return false;
    const spherical = new Spherical().setFromVector3(
      step.copy(this.camera.position).sub(this.#controls.target),
    );
    switch (key) {
      case "ArrowLeft":
        spherical.theta -= KEY_TURN;
        break;
      case "ArrowRight":
        spherical.theta += KEY_TURN;
        break;
      case "ArrowUp":
        spherical.phi -= KEY_TURN;
        break;
      case "ArrowDown":
        spherical.phi += KEY_TURN;
        break;
      case "+":
      case "=":
        spherical.radius /= KEY_ZOOM;
        break;
      case "-":
        spherical.radius *= KEY_ZOOM;
        break;
      default:
        return false;
    }
    this.#mode = "free";
    spherical.makeSafe();
    this.camera.position.setFromSpherical(spherical).add(this.#controls.target);
    return true;
  }
}

// Metres of height a metre of distance.
const FOLLOW_LIFT = 0.35 / FOLLOW_DISTANCE_M;
const UP = new Vector3(0, 1, 0);
const step = new Vector3();
const wanted = new Vector3();
const framed = { position: new Vector3(), target: new Vector3() };

/** The share of the way that is covered in `seconds`, independent of the frame rate. */
const easing = (perSecond: number, seconds: number) => 1 - Math.exp(-perSecond * seconds);
