/** Characters of a resume key [S7]: long enough that nobody guesses it, and no longer than needed. */
export const RESUME_KEY_LENGTH = { min: 16, max: 128 } as const;
