import { X509Certificate, createPublicKey, randomBytes, timingSafeEqual } from 'node:crypto';
import { agentUri } from '#contract/agent/identity.ts';
import { codeMinutes, codeTries, formatCode, type PairingMessages, secretBytes } from '#contract/agent/pairing.ts';
import {
  checkProof,
  earlierOf,
  joinAsAgent,
  judgeProof,
  type PairingChannel,
  type ShownCode,
} from '#contract/agent/pairing-conversation.ts';
import { FarmError } from '#contract/errors.ts';
import { keyHashOf, makeCertificateRequest } from './der.ts';
import type { LinkFiles } from './link-files.ts';
import { isIssuedBy } from './peer-certificate.ts';
import type { AgentIdentity, LinkClock, PairingCode } from './types.ts';

type Offer = PairingMessages['offer'];

export type PairingDesk = {
  readonly newCode: () => PairingCode;
  /** The code that still can be used. */
  readonly code: () => PairingCode | undefined;
  /** Runs one conversation as the issuer of the code. Throws what it refused with. */
  readonly converse: (channel: PairingChannel) => Promise<void>;
};

export type PairingDeskOptions = {
  readonly files: LinkFiles;
  readonly clock: LinkClock;
  readonly agentVersion: string;
  /** The identity is on disk; the core has not been told yet. Must not throw. */
  readonly onStored: (identity: AgentIdentity) => void;
};

function isSameSecret(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8')];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Shows the agent's pairing codes and gives the agent away to who proves one. Counters are on disk before the peer is answered. */
export function createPairingDesk({ files, clock, agentVersion, onStored }: PairingDeskOptions): PairingDesk {
  const shownAs = (shown: ShownCode): PairingCode => ({
    code: formatCode(keyHashOf(files.key), Buffer.from(shown.secret, 'hex')),
    expiresAtMs: shown.expiresAtMs,
  });

  const judge = (secretHex: string): FarmError | undefined => {
    const before = files.code();
    const { shown, refusal } = judgeProof(before, secretHex, clock.nowMs(), isSameSecret);
    if (shown !== before) files.saveCode(shown);
    const identity = files.identity();
    // Who knows the code that was used may know where it went: an agent of another farm shows no new one.
    if (identity && refusal?.code === 'CODE_USED') return new FarmError('AGENT_IN_OTHER_FARM', { address: '', farm: identity.farmName });
    return refusal;
  };

  /** Asked twice: when the farm is named, and again in the act of storing, because two farms may have proved one code at the same time. */
  const decide = (offer: Offer, proven: string): void => {
    const [identity, shown] = [files.identity(), files.code()];
    if (identity) {
      if (identity.farmId !== offer.farmId || !isSameCertificate(identity.authorityPem, offer.authorityPem)) {
        throw new FarmError('AGENT_IN_OTHER_FARM', { address: '', farm: identity.farmName });
      }
      if (offer.epoch < identity.highestEpoch) {
        throw new FarmError('CORE_EPOCH_OLD', { seen: identity.highestEpoch, sent: offer.epoch });
      }
    }
    if (shown?.secret !== proven) throw new FarmError('CODE_INVALID', { reason: 'wrong' });
    if (shown.isSpent || (shown.usedBy && shown.usedBy.farmId !== offer.farmId)) throw new FarmError('CODE_USED', {});
  };

  const store = (offer: Offer, chainPem: string, proven: string): void => {
    decide(offer, proven);
    checkChain(files, offer, chainPem);
    const { farmId, farmName, serverId, epoch, authorityPem } = offer;
    const highestEpoch = Math.max(epoch, files.identity()?.highestEpoch ?? 0);
    const identity = { farmId, farmName, serverId, chainPem, authorityPem, highestEpoch, isConfirmed: false, joinedAtMs: clock.nowMs() };
    // The identity is the act; a kill before the next line leaves a code that only this farm can still use, because the identity says so.
    files.saveIdentity(identity);
    const shown = files.code();
    if (shown) files.saveCode({ ...shown, usedBy: { farmId, serverId } });
    onStored(identity);
  };

  return {
    newCode: () => {
      const earlier = earlierOf(files.code(), clock.nowMs());
      const shown = {
        secret: randomBytes(secretBytes).toString('hex'),
        expiresAtMs: clock.nowMs() + codeMinutes * 60_000,
        wrongTries: 0,
        isSpent: false,
        ...(earlier === undefined ? {} : { earlier }),
      };
      files.saveCode(shown);
      return shownAs(shown);
    },
    code: () => {
      const shown = files.code();
      const isUsable = shown && !shown.isSpent && shown.wrongTries < codeTries && clock.nowMs() < shown.expiresAtMs;
      return isUsable ? shownAs(shown) : undefined;
    },
    converse: async (channel) => {
      let proven = '';
      await checkProof(channel, 'core', (secretHex) => {
        const refusal = judge(secretHex);
        if (!refusal) proven = secretHex;
        return refusal;
      });
      await joinAsAgent(channel, {
        agentVersion,
        nowMs: clock.nowMs,
        decide: (offer) => decide(offer, proven),
        makeRequest: () => makeCertificateRequest(files.key),
        store: (offer, chainPem) => store(offer, chainPem, proven),
      });
    },
  };
}

function isSameCertificate(left: string, right: string): boolean {
  try {
    return new X509Certificate(left).raw.equals(new X509Certificate(right).raw);
  } catch {
    return false;
  }
}

/** The chain must be for our key, for this farm and server, and one step below the authority that was offered. */
function checkChain(files: LinkFiles, offer: Offer, chainPem: string): void {
  const problem = problemOf(files, offer, chainPem);
  if (problem) throw new FarmError('CERTIFICATE_INVALID', { problem });
}

function problemOf(files: LinkFiles, offer: Offer, chainPem: string): string | undefined {
  try {
    const [leaf, authority] = [new X509Certificate(chainPem), new X509Certificate(offer.authorityPem)];
    if (!leaf.publicKey.equals(createPublicKey(files.key))) return 'key';
    if (leaf.subjectAltName !== `URI:${agentUri(offer.farmId, offer.serverId)}`) return 'name';
    return isIssuedBy(leaf, authority) ? undefined : 'issuer';
  } catch {
    return 'form';
  }
}
