/** The disk that the farm's home is on. `low`: a person should look; `full`: writes fail, or soon will. */
export type HomeSpace = {
  readonly path: string;
  readonly freeBytes: number;
  readonly sizeBytes: number;
  readonly state: 'good' | 'low' | 'full';
  readonly sinceMs: number;
};

/** Watches the home's disk, and keeps room back there to start and to clean up with. */
export interface SpaceKeeper {
  /** As last measured; every 10 s. Never waits. */
  readonly now: () => HomeSpace;
  /** Called when `state` has changed; returns its disposer. */
  readonly onChange: (listener: (space: HomeSpace) => void) => () => void;
  /** Gives kept room back until so much is free, or nothing is kept any more. Works on a full disk. */
  readonly secure: (neededBytes: number) => void;
  readonly close: () => void;
}
