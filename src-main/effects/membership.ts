import type { HostFacts } from '#contract/agent/servers.ts';
import type { Leftover } from '#contract/api/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import type { FarmId, ServerId } from '#contract/ids.ts';
import { untoldCodes } from '#contract/untold-codes.ts';
import { codeContext } from '../model/servers/pairing-code.ts';
import type { CoreIdentity } from '../ports/agent-link.ts';
import type { AgentLinks, AgentWriteLink } from '../ports/agent-writes.ts';
import type { Clock } from '../ports/clock.ts';
import type { AuthorityKeys, Pki } from '../ports/pki.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';
import type { Call, Effect } from './effect.ts';

export type MembershipDeps = {
  readonly store: Pick<Store, 'servers'>;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly links: AgentLinks;
  readonly pki: Pki;
  readonly identity: () => CoreIdentity;
  readonly agentAuthority: () => Promise<AuthorityKeys>;
  readonly farm: () => { readonly id: FarmId; readonly name: string };
};

export type MembershipTarget = {
  readonly serverId: ServerId;
  readonly name: string;
  /** Host and port that the core dials. */
  readonly address: string;
  /** The pinned key; one that is joining notes it before it belongs to the farm. */
  readonly keyFingerprint?: string | undefined;
  /** An agent that cannot be told is left alone. */
  readonly isGivenUp?: boolean | undefined;
};
/** The code that a person read at the agent, sealed for this server. */
export type MembershipWanted = { readonly sealedCode: string };
/** `facts` and what goes with them are there where it has just joined. */
export type MembershipFacts = {
  readonly keyFingerprint: string;
  readonly joined?: {
    readonly agentVersion: string;
    readonly facts: HostFacts;
    /** Agent's clock minus ours. */
    readonly clockOffsetMs: number;
    readonly atMs: number;
  };
};

const patienceMs = 10_000;
/** A server that was given up gets one more chance to hear that it leaves, but nobody waits long for it. */
const givenUpMs = 2000;

const isNotOurs = (error: unknown): boolean => isFarmError(error, 'SERVER_UNREACHABLE') && error.parameters.cause === 'left';
const isUntold = (error: unknown): boolean => isFarmError(error) && untoldCodes.includes(error.code);

/**
 * Whether an agent belongs to the farm: it holds the farm's authority, and its key is pinned here. An agent whose pinned key says that it is not ours
 * is absent. Once it has left, only a new code brings it back.
 */
export function createMembershipEffect(deps: MembershipDeps): Effect<MembershipTarget, MembershipWanted, MembershipFacts> {
  const { links, clock } = deps;
  /** A link of its own: the kept one is opened after the row, and closed before it goes. */
  const over = async <Answer>(
    at: MembershipTarget,
    keyFingerprint: string,
    work: (link: AgentWriteLink) => Promise<Answer>,
  ): Promise<Answer> => {
    const { serverId, name, address } = at;
    const link = links.open(deps.identity(), { serverId, serverName: name, address, keyFingerprint });
    try {
      await link.ready(at.isGivenUp === true ? givenUpMs : patienceMs);
      return await work(link);
    } finally {
      await link.close();
    }
  };
  const keyOf = ({ keyFingerprint }: MembershipTarget, { noted }: Pick<Call, 'noted'>): string | undefined =>
    keyFingerprint ?? (typeof noted.keyFingerprint === 'string' ? noted.keyFingerprint : undefined);

  /** Throws why it cannot be asked. */
  const belongs = async (at: MembershipTarget, key: string): Promise<boolean> => {
    try {
      return await over(at, key, async () => true);
    } catch (error) {
      if (isNotOurs(error)) return false;
      throw error;
    }
  };
  const pair = async (at: MembershipTarget, sealedCode: string, call: Call): Promise<string> => {
    const { id: farmId, name: farmName } = deps.farm();
    call.waitFor({ code: 'pair', parameters: { address: at.address } });
    const authority = await deps.agentAuthority();
    const { keyFingerprint } = await links.pair({
      address: at.address,
      code: await deps.secrets.open(codeContext(at.serverId), sealedCode),
      identity: deps.identity(),
      serverId: at.serverId,
      farmName,
      sign: async (requestPem, fingerprint) => {
        // Before the agent takes a new server id: one that joined under another address must keep the id that we know.
        const same = (await deps.store.servers.find({ farmId })).find((server) => server.keyFingerprint === fingerprint);
        if (same !== undefined && same.id !== at.serverId) throw new FarmError('SERVER_ALREADY_JOINED', { server: same.name });
        // Before it is ours: whoever goes on from here knows whom to ask, and whom to tell to leave.
        await call.note({ keyFingerprint: fingerprint });
        const issued = await deps.pki.issueAgent(authority, farmId, at.serverId, requestPem, clock.nowMs());
        return { chainPem: issued.chainPem };
      },
    });
    return keyFingerprint;
  };

  return {
    kind: 'membership',
    timeoutMs: 60_000,
    waiting: (name) => ({ code: 'server', parameters: { server: name } }),
    server: ({ serverId }) => serverId,
    // whoever has a row was paired, and is ours until its agent is told
    known: async (at) => {
      if (at.keyFingerprint === undefined) return 'absent';
      return (await deps.store.servers.get(at.serverId)) === undefined ? 'unknown' : { keyFingerprint: at.keyFingerprint };
    },
    observe: async (at, call) => {
      const key = keyOf(at, call);
      if (key === undefined) return 'absent';
      try {
        return (await belongs(at, key)) ? { keyFingerprint: key } : 'absent';
      } catch (error) {
        if (at.isGivenUp === true && isUntold(error)) {
          // an undo asks no more of it than this look
          if (call.noted.isTold === undefined) await call.note({ isTold: false });
          return 'place-gone';
        }
        throw error;
      }
    },
    describe: (seen, wanted, { name, isGivenUp }) => {
      const isThere = typeof seen === 'object';
      if (wanted === 'absent') {
        if (!isThere && seen !== 'unknown') return undefined;
        const parameters = { server: name };
        return isGivenUp === true ? { code: 'membership-given-up', parameters } : { code: 'membership-out', parameters };
      }
      // what it says of itself is needed with it, and a look does not ask for that
      return isThere && seen.joined !== undefined ? undefined : { code: 'membership-in', parameters: { server: name } };
    },
    ensure: async (at, { sealedCode }, seen, call) => {
      const keyFingerprint = typeof seen === 'object' ? seen.keyFingerprint : await pair(at, sealedCode, call);
      return over(at, keyFingerprint, async (link) => {
        const facts = await link.client.servers.facts();
        const state = link.state();
        if (state.state !== 'connected')
          throw new FarmError('SERVER_UNREACHABLE', { server: at.name, address: at.address, cause: 'closed' });
        const { agentVersion, clockOffsetMs } = state;
        return { keyFingerprint, joined: { agentVersion, facts, clockOffsetMs: Math.round(clockOffsetMs), atMs: clock.nowMs() } };
      });
    },
    remove: async (at, _seen, call) => {
      const key = keyOf(at, call);
      if (key === undefined) return 'gone';
      call.waitFor({ code: 'leave', parameters: { server: at.name } });
      try {
        await over(at, key, (link) => link.client.link.leave({ farmId: deps.farm().id }));
        await call.note({ isTold: true });
      } catch (error) {
        if (isNotOurs(error)) return 'gone';
        if (at.isGivenUp !== true || !isUntold(error)) throw error;
        await call.note({ isTold: false });
      }
      return 'gone';
    },
    restore: () => 'lost',
    evidence: async (at, { before, noted }, call): Promise<readonly Leftover[]> => {
      const key = keyOf(at, { noted });
      if (key === undefined) return [];
      const leftover = (code: string, isPresent: boolean, vantagePoint: string, more: Record<string, string> = {}): Leftover => {
        return { code, parameters: { server: at.name, ...more }, isPresent, checkedAtMs: clock.nowMs(), witness: vantagePoint };
      };
      call.waitFor({ code: 'server', parameters: { server: at.name } });
      try {
        return [leftover('membership', await belongs({ ...at, isGivenUp: true }, key), at.name)];
      } catch (error) {
        if (!isUntold(error)) throw error;
        // Nobody can be asked: that is said, and no proof fails by it.
        const wasTold = noted.isTold === true || (typeof before === 'object' && noted.isTold !== false);
        return [leftover('membership-unasked', false, 'core', { told: wasTold ? 'yes' : 'no' })];
      }
    },
  };
}
