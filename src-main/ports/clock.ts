/** Wall time. `nowMs` is UTC milliseconds since 1970; `after` calls once after at least `delayMs`, and its disposer takes the call back. */
export interface Clock {
  readonly nowMs: () => number;
  readonly after: (delayMs: number, call: () => void) => () => void;
}
