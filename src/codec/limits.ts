// How large a frame may be. Every decoder checks these limits before it allocates anything.

/** Bounds on one frame. */
export interface FrameLimits {
  readonly bonesMax: number;
  readonly blendShapesMax: number;
}

/** 1,024 of each: ten times a full body with hands and face, and still only 173 KiB in binary. */
export const DEFAULT_FRAME_LIMITS: FrameLimits = { bonesMax: 1024, blendShapesMax: 1024 };
