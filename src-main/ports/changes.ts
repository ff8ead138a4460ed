/** What changed: a kind and an id. Announced after the store has it. */
export type Change = {
  readonly kind: 'farm' | 'server' | 'instance' | 'job' | 'certificate' | 'domain' | 'customer' | 'demo' | 'program' | 'home' | 'alert';
  readonly id: string;
};

/** In-process announcements. `on` returns its disposer; a listener that throws does not stop the others. */
export interface Changes {
  readonly announce: (change: Change) => void;
  readonly on: (listener: (change: Change) => void) => () => void;
}
