// How a receiver sees a player of a crowd.

/** The number is that of the temporal layers that are sent: none, a quarter of the frames, half, all. */
export const SightClass = { Out: 0, Far: 1, Middle: 2, Near: 3 } as const;
export type SightClass = (typeof SightClass)[keyof typeof SightClass];
