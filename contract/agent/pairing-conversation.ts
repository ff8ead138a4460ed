import type * as z from 'zod';
import { FarmError, isFarmError } from '../errors.ts';
import { agentProtocol, oldestAgentProtocol } from './base.ts';
import { failureOf, farmErrorFrom } from './coded-failure.ts';
import { clockToleranceMs, codeMinutes, codeTries, type PairingMessages, pairingMessages, pairingRefusal } from './pairing.ts';

/**
 * What both sides say while they pair: first issuer and redeemer (the code), then core and agent (the identity). The channel is TLS to the
 * issuer's key, already checked by the redeemer against the code. README.md of this folder says why this order is safe.
 */
export type PairingChannel = {
  readonly send: (message: unknown) => Promise<void>;
  /** The next message. Throws `SERVER_UNREACHABLE` when the channel ends or is silent for too long. */
  readonly receive: () => Promise<unknown>;
};

async function expectMessage<K extends keyof PairingMessages>(channel: PairingChannel, kind: K): Promise<PairingMessages[K]> {
  const message = await channel.receive();
  const refused = pairingRefusal.safeParse(message);
  if (refused.success) {
    throw farmErrorFrom(refused.data.code, refused.data.parameters) ?? unreachable();
  }
  const schema: z.ZodType<PairingMessages[K]> = pairingMessages[kind] as never;
  const parsed = schema.safeParse(message);
  if (!parsed.success) throw unreachable();
  return parsed.data;
}

function unreachable(): FarmError {
  return new FarmError('SERVER_UNREACHABLE', { server: '', address: '', cause: 'closed' });
}

/** Runs one side; a coded error that we throw is told to the other side before it leaves here. */
async function tellRefusal<T>(channel: PairingChannel, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (isFarmError(error)) await channel.send({ say: 'refused', ...failureOf(error) }).catch(() => undefined);
    throw error;
  }
}

/** The redeemer's half of the proof. Call it only after the issuer's key was checked against the code. */
export async function proveCode(channel: PairingChannel, role: 'core' | 'agent', secretHex: string): Promise<void> {
  await channel.send({ say: 'prove', role, protocol: agentProtocol, secret: secretHex } satisfies PairingMessages['prove']);
  await expectMessage(channel, 'proven');
}

/** The issuer's half: `judge` compares, counts and remembers; it answers with the refusal, or undefined. */
export async function checkProof(
  channel: PairingChannel,
  redeemer: 'core' | 'agent',
  judge: (secretHex: string) => FarmError | undefined,
): Promise<void> {
  const message = await expectMessage(channel, 'prove');
  await tellRefusal(channel, async () => {
    const refusal = message.role === redeemer ? judge(message.secret) : new FarmError('CODE_INVALID', { reason: 'wrong' });
    if (refusal) throw refusal;
    await channel.send({ say: 'proven' } satisfies PairingMessages['proven']);
  });
}

export type CoreSide = {
  readonly offer: Omit<PairingMessages['offer'], 'say' | 'protocol'>;
  /** How the server is called in errors. */
  readonly serverName: string;
  readonly nowMs: () => number;
  /** Throws when the request is not for the key that this channel was opened to. */
  readonly checkRequest: (requestPem: string) => void;
  readonly sign: (requestPem: string) => Promise<{ readonly chainPem: string }>;
};

/** After the proof, the core's side: offer, request, issued, stored. */
export async function joinAsCore(channel: PairingChannel, side: CoreSide): Promise<{ agentVersion: string; requestPem: string }> {
  const askedAtMs = side.nowMs();
  await channel.send({ say: 'offer', protocol: agentProtocol, ...side.offer } satisfies PairingMessages['offer']);
  const request = await expectMessage(channel, 'request');
  await tellRefusal(channel, async () => {
    if (request.protocol < oldestAgentProtocol) {
      throw new FarmError('AGENT_TOO_OLD', { server: side.serverName, protocol: request.protocol, needed: oldestAgentProtocol });
    }
    const offsetMs = request.nowMs - (askedAtMs + side.nowMs()) / 2;
    if (Math.abs(offsetMs) > clockToleranceMs) {
      throw new FarmError('CLOCK_OFF', { server: side.serverName, seconds: Math.round(offsetMs / 1000) });
    }
    side.checkRequest(request.requestPem);
    const { chainPem } = await side.sign(request.requestPem);
    await channel.send({ say: 'issued', chainPem } satisfies PairingMessages['issued']);
  });
  await expectMessage(channel, 'stored');
  return { agentVersion: request.agentVersion, requestPem: request.requestPem };
}

export type AgentSide = {
  readonly agentVersion: string;
  readonly nowMs: () => number;
  /** Throws `AGENT_IN_OTHER_FARM`, `CORE_EPOCH_OLD`, `CODE_USED`. */
  readonly decide: (offer: PairingMessages['offer']) => void;
  readonly makeRequest: () => string;
  /** Checks the chain against the offered authority and puts it on disk in one act. */
  readonly store: (offer: PairingMessages['offer'], chainPem: string) => void;
};

/** After the proof, the agent's side. */
export async function joinAsAgent(channel: PairingChannel, side: AgentSide): Promise<void> {
  const offer = await expectMessage(channel, 'offer');
  await tellRefusal(channel, async () => {
    side.decide(offer);
    const request = { protocol: agentProtocol, agentVersion: side.agentVersion, nowMs: side.nowMs(), requestPem: side.makeRequest() };
    await channel.send({ say: 'request', ...request } satisfies PairingMessages['request']);
  });
  const issued = await expectMessage(channel, 'issued');
  await tellRefusal(channel, async () => {
    side.store(offer, issued.chainPem);
    await channel.send({ say: 'stored' } satisfies PairingMessages['stored']);
  });
}

/** A shown code as its issuer keeps it. `usedBy` is set when a pairing was stored; `isSpent` when its first hello came. */
export type ShownCode = {
  readonly secret: string;
  readonly expiresAtMs: number;
  readonly wrongTries: number;
  readonly usedBy?: { readonly farmId: string; readonly serverId: string } | undefined;
  readonly isSpent: boolean;
  /** The code before it and why that one no longer works, so that who still types it learns the reason. */
  readonly earlier?: { readonly secret: string; readonly why: 'used' | 'expired' | 'tries' } | undefined;
};

/** What a newer code remembers of the one that it follows; nothing of one that still works. */
export function earlierOf(before: ShownCode | undefined, nowMs: number): ShownCode['earlier'] {
  if (!before) return undefined;
  const { secret } = before;
  if (before.isSpent || before.usedBy) return { secret, why: 'used' };
  if (before.wrongTries >= codeTries) return { secret, why: 'tries' };
  return nowMs >= before.expiresAtMs ? { secret, why: 'expired' } : undefined;
}

function earlierRefusal(why: 'used' | 'expired' | 'tries'): FarmError {
  if (why === 'used') return new FarmError('CODE_USED', {});
  return why === 'tries' ? new FarmError('CODE_TRIES_EXHAUSTED', {}) : new FarmError('CODE_EXPIRED', { minutes: codeMinutes });
}

/**
 * Judges one proof. Only who knows the random part learns that a code expired or was used; a wrong one is counted, and the answer after
 * five is the same for all. `isEqual` must take the same time for every answer.
 */
export function judgeProof(
  shown: ShownCode | undefined,
  secretHex: string,
  nowMs: number,
  isEqual: (left: string, right: string) => boolean,
): { readonly shown: ShownCode | undefined; readonly refusal?: FarmError } {
  if (!shown) return { shown, refusal: new FarmError('CODE_INVALID', { reason: 'wrong' }) };
  if (shown.wrongTries >= codeTries) return { shown, refusal: new FarmError('CODE_TRIES_EXHAUSTED', {}) };
  if (!isEqual(shown.secret, secretHex)) {
    if (shown.earlier && isEqual(shown.earlier.secret, secretHex)) return { shown, refusal: earlierRefusal(shown.earlier.why) };
    return { shown: { ...shown, wrongTries: shown.wrongTries + 1 }, refusal: new FarmError('CODE_INVALID', { reason: 'wrong' }) };
  }
  if (shown.isSpent) return { shown, refusal: new FarmError('CODE_USED', {}) };
  if (nowMs >= shown.expiresAtMs) return { shown, refusal: new FarmError('CODE_EXPIRED', { minutes: codeMinutes }) };
  return { shown };
}
