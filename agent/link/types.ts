/** What the link needs of its surroundings and gives to `agent/main.ts`. Instants are UTC milliseconds of the injected clock. */
export type LinkClock = {
  readonly nowMs: () => number;
  /** Calls once after at least `delayMs`; the disposer takes the call back. */
  readonly after: (delayMs: number, call: () => void) => () => void;
};

/** Log records as JSON lines; never a secret. `bug` answers with the reference that is shown instead of a stack. */
export type LinkLog = {
  readonly info: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly bug: (error: unknown, fields?: Readonly<Record<string, unknown>>) => string;
};

/** Whose agent this is. Absent until a pairing has stored it. */
export type AgentIdentity = {
  readonly farmId: string;
  readonly farmName: string;
  readonly serverId: string;
  /** This agent's certificate, leaf first, without the authority. */
  readonly chainPem: string;
  /** The farm's agent authority: the only one that a core may stand below, and the one that signs manifests. */
  readonly authorityPem: string;
  /** Cores with a lower epoch are refused. Only ever rises within one farm. */
  readonly highestEpoch: number;
  /** False until a core has said hello over mutual TLS: until then the same pairing may be repeated. */
  readonly isConfirmed: boolean;
  readonly joinedAtMs: number;
};

/** Who calls, and what the `link` commands need of the connection they came over. Every command's context. */
export type CommandContext = {
  readonly core: { readonly farmId: string; readonly epoch: number };
  readonly connection: {
    /**
     * The core said hello: raises the highest epoch, confirms the pairing, ends connections of older cores. Until then this connection may call
     * nothing else. Throws `CORE_EPOCH_OLD`, and `SERVER_UNREACHABLE` (`identity`) for a server id that is not ours.
     */
    readonly confirm: (hello: { readonly epoch: number; readonly serverId: string }) => AgentIdentity;
    /** Forgets the farm; every connection is closed once the answer of the running command has been sent. */
    readonly forget: () => void;
  };
};

export type PairingCode = { readonly code: string; readonly expiresAtMs: number };

/** The agent's end of the link, listening. */
export type AgentLinkServer = {
  readonly port: number;
  /** SHA-256 of the agent's TLS public key (SPKI), lower-case hexadecimal. The same for the agent's whole life. */
  readonly keyFingerprint: string;
  readonly identity: () => AgentIdentity | undefined;
  /** Makes a code for one hour; the code before it is void. */
  readonly newPairingCode: () => PairingCode;
  /** The code that still can be used, also after a restart of the agent. */
  readonly pairingCode: () => PairingCode | undefined;
  /** The same link with the agent as the dialler, kept until it is closed. Nothing turns it on yet. */
  readonly dialCore: (core: { readonly host: string; readonly port: number }) => CoreDial;
  /** Ends the listener, every dial and every connection. May be called twice. */
  readonly close: () => Promise<void>;
};

/** A kept dial to one core: comes back with back-off and jitter while the agent belongs to a farm. */
export type CoreDial = {
  /** What stood in the way the last time; undefined while it is connected or has not tried. */
  readonly problem: () => string | undefined;
  readonly close: () => void;
};
