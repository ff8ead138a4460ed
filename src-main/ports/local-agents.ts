import type { Resources } from '#contract/api/base.ts';

/** An agent that this program starts on this very computer, as a process of its own. Ports are on loopback. */
export type LocalAgent = {
  readonly name: string;
  /** Its home: everything it makes is below. */
  readonly home: string;
  readonly linkPort: number;
  readonly httpsPort: number;
  readonly httpPort: number;
  /** Labelled *simulated* everywhere. */
  readonly simulated: Resources;
};

/** Agents of a demo farm. They outlive this program, like all agents. */
export interface LocalAgents {
  /** Whether agents run on this computer's system at all. Where they do not, nothing else here is called. */
  readonly isSupported: boolean;
  /** The first free loopback ports at or above each of `wanted`, none twice and none of `taken`. */
  readonly freePorts: (wanted: readonly number[], taken: readonly number[]) => Promise<readonly number[]>;
  /** Starts it when it does not run. Resolves when its link listens. Throws `PORT_TAKEN` with the link's port, `STORE_FULL`. */
  readonly ensure: (agent: LocalAgent) => Promise<void>;
  /** A port for visitors that another program has, as the agent last saw it; undefined when it has both, and while that is not known. */
  readonly takenPort: (agent: LocalAgent) => Promise<{ readonly port: number; readonly owner: string } | undefined>;
  /** The code that it shows while it belongs to no farm. */
  readonly pairingCode: (agent: LocalAgent) => Promise<string>;
  /** Ends its process and removes its home; answers with the paths that are still there, empty when all is gone. */
  readonly remove: (agent: LocalAgent) => Promise<readonly string[]>;
  /** After the last of them was removed: takes away what starting them needed and nothing uses any more. Repeatable; never throws. */
  readonly tidy: () => Promise<void>;
}
