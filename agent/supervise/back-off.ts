import { backOffMs as doubled } from '#kit/back-off.ts';

const patience = { firstMs: 1000, longestMs: 60_000, chance: 0 };
/** An application that was well for this long begins again with the shortest back-off. */
export const wellMs = 60_000;

/** 1, 2, 4 … 60 s; never given up. `crashes` counts from 1. */
export const backOffMs = (crashes: number): number => doubled(patience, crashes - 1, 0);
