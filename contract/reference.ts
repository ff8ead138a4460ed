/** Longer texts are no reference, whatever they hold. */
export const longestReference = 40;
