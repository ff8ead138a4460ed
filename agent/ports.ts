import type { Sha256 } from '#contract/ids.ts';
import type { EdgeCertificate, EdgeRoute, EdgeStatus } from '#contract/agent/edge.ts';

/**
 * What the agent's parts promise each other. `commands`, `collectors`, `supervise`, `state` and `edge` never import one another:
 * they meet here, and `agent/main.ts` puts them together.
 */

/** The agent's hold on the edge, a process of its own that outlives the agent. Every act may be called twice. */
export interface EdgeControl {
  /** Starts the edge when it does not run, adopts it when it does. Resolves when it listens. Throws `PORT_TAKEN` with the port. */
  readonly ensure: () => Promise<EdgeStatus>;
  /** Writes the route's file and tells the edge; resolves when the edge has taken it. Costs no request and no WebSocket. */
  readonly putRoute: (route: EdgeRoute) => Promise<void>;
  /** Removes the route's file and tells the edge. Absent is fine. */
  readonly removeRoute: (host: string) => Promise<void>;
  readonly routes: () => Promise<readonly EdgeRoute[]>;
  /** Writes chain and key (0600) and tells the edge; handshakes begun after this see it. */
  readonly putCertificate: (certificate: EdgeCertificate, keyPem: string) => Promise<void>;
  readonly removeCertificate: (certificateId: string) => Promise<void>;
  readonly certificates: () => Promise<readonly EdgeCertificate[]>;
  readonly status: () => Promise<EdgeStatus>;
  /** Hands the listening sockets over to a new process that runs `bundlePath`; the old one ends when its last connection has. */
  readonly upgrade: (bundlePath: string, bundleHash: Sha256) => Promise<EdgeStatus>;
  /** Ends the edge: only for taking a server out of the farm. */
  readonly stop: () => Promise<void>;
}
