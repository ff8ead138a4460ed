/**
 * Less than `limitMs` old. An instant that is still to come is not young but wrong: a clock was set back after it was written down, and it says nothing of
 * how long ago that was.
 */
export const isYounger = (nowMs: number, atMs: number, limitMs: number): boolean => atMs <= nowMs && nowMs - atMs < limitMs;
