import { describe, expect, it } from 'vitest';
import { pairingMessages } from './pairing.ts';
import { pairingChannel, type TextSocket } from './pairing-channel.ts';
import { checkProof, earlierOf, joinAsAgent, joinAsCore, judgeProof, proveCode } from './pairing-conversation.ts';

/** Two ends of one socket in memory, with timers that the test fires. */
function pair() {
  const timers = new Set<() => void>();
  const after = (_delayMs: number, call: () => void) => {
    timers.add(call);
    return () => timers.delete(call);
  };
  const said: string[] = [];
  const ends = [end(), end()] as const;
  function end() {
    const texts: ((text: string) => void)[] = [];
    const closes: (() => void)[] = [];
    return { texts, closes };
  }
  const close = (): void => {
    for (const one of ends) for (const listener of one.closes) listener();
  };
  const socket = (own: 0 | 1): TextSocket => ({
    send: (text, done) => {
      said.push(text);
      queueMicrotask(() => {
        for (const listener of ends[own === 0 ? 1 : 0].texts) listener(text);
        done();
      });
    },
    onText: (listener) => ends[own].texts.push(listener),
    onEnd: (listener) => ends[own].closes.push(listener),
    end: close,
  });
  const fire = (): void => {
    for (const call of [...timers]) call();
  };
  return {
    redeemer: pairingChannel(socket(0), after, 1),
    issuer: pairingChannel(socket(1), after, 1),
    said,
    fire,
    close,
    timers,
    raw: socket(0),
  };
}

const offer = { farmId: 'f', farmName: 'Farm', serverId: 's', epoch: 1, authorityPem: 'a' };
const core = { offer, serverName: 'Oak', nowMs: () => 1_000, checkRequest: () => {}, sign: async () => ({ chainPem: 'c' }) };
const agent = { agentVersion: '1', nowMs: () => 1_000, decide: () => {}, makeRequest: () => 'r', store: () => {} };

describe('the conversation', () => {
  it('goes in one order: nothing is offered before the proof, nothing signed before the request', async () => {
    const { redeemer, issuer, said, timers } = pair();
    const both = await Promise.all([
      proveCode(redeemer, 'core', '0011223344').then(() => joinAsCore(redeemer, core)),
      checkProof(issuer, 'core', () => undefined).then(() => joinAsAgent(issuer, agent)),
    ]);
    expect(both[0]).toEqual({ agentVersion: '1', requestPem: 'r' });
    expect(said.map((text) => JSON.parse(text).say)).toEqual(['prove', 'proven', 'offer', 'request', 'issued', 'stored']);
    // The random part itself is said, inside the channel; no hash of it ever is.
    expect(JSON.parse(said[0] ?? '')).toEqual({ say: 'prove', role: 'core', protocol: 1, secret: '0011223344' });
    expect(timers.size).toBe(0);
  });

  it('refuses an agent whose protocol is too old, and tells it why', async () => {
    const { redeemer, issuer } = pair();
    const joining = joinAsCore(redeemer, core);
    await issuer.receive();
    await issuer.send({ say: 'request', protocol: 0, agentVersion: '0', nowMs: 1_000, requestPem: 'r' });
    await expect(joining).rejects.toMatchObject({ code: 'AGENT_TOO_OLD', parameters: { server: 'Oak', protocol: 0, needed: 1 } });
    expect(await issuer.receive()).toMatchObject({ say: 'refused', code: 'AGENT_TOO_OLD' });
  });

  it('ignores unknown fields, ends at unknown messages and at codes that it does not know', async () => {
    expect(pairingMessages.proven.safeParse({ say: 'proven', mood: 'good' }).data).toEqual({ say: 'proven' });
    for (const answer of [{ say: 'hello' }, 'proven', undefined, { say: 'refused', code: 'FROM_THE_FUTURE', parameters: {} }]) {
      const { redeemer, issuer } = pair();
      const proving = proveCode(redeemer, 'core', '0011223344');
      await issuer.receive();
      await issuer.send(answer ?? null);
      await expect(proving).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
    }
  });

  it('refuses two redeemers or two issuers', async () => {
    const { redeemer, issuer } = pair();
    const proving = proveCode(redeemer, 'agent', '0011223344');
    await expect(checkProof(issuer, 'core', () => undefined)).rejects.toMatchObject({ code: 'CODE_INVALID' });
    await expect(proving).rejects.toMatchObject({ code: 'CODE_INVALID' });
  });
});

describe('the channel', () => {
  it('ends a wait for a peer that says nothing, and everything after it', async () => {
    const { redeemer, fire, timers } = pair();
    const waiting = redeemer.receive();
    fire();
    await expect(waiting).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE', parameters: { cause: 'timeout' } });
    await expect(redeemer.send({})).rejects.toMatchObject({ parameters: { cause: 'timeout' } });
    expect(timers.size).toBe(0);
  });

  it('gives what came before the end, then the end', async () => {
    const { redeemer, issuer, close } = pair();
    await issuer.send({ say: 'proven' });
    close();
    expect(await redeemer.receive()).toEqual({ say: 'proven' });
    await expect(redeemer.receive()).rejects.toMatchObject({ parameters: { cause: 'closed' } });
  });

  it('does not keep what a talkative peer sends', async () => {
    const { issuer, raw } = pair();
    for (let time = 0; time < 6; time += 1) raw.send('{}', () => {});
    await Promise.resolve();
    for (let time = 0; time < 4; time += 1) expect(await issuer.receive()).toEqual({});
    await expect(issuer.receive()).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  });
});

describe('the judge of a proof', () => {
  const shown = { secret: 'aa', expiresAtMs: 10, wrongTries: 0, isSpent: false };
  const equal = (left: string, right: string): boolean => left === right;

  it('tells only who knows the secret that it was used or is too old', () => {
    expect(judgeProof(undefined, 'aa', 1, equal).refusal).toMatchObject({ code: 'CODE_INVALID' });
    expect(judgeProof({ ...shown, isSpent: true }, 'aa', 1, equal).refusal).toMatchObject({ code: 'CODE_USED' });
    expect(judgeProof(shown, 'aa', 10, equal).refusal).toMatchObject({ code: 'CODE_EXPIRED' });
    for (const state of [shown, { ...shown, isSpent: true }, { ...shown, expiresAtMs: 0 }]) {
      expect(judgeProof(state, 'bb', 1, equal).refusal).toMatchObject({ code: 'CODE_INVALID', parameters: { reason: 'wrong' } });
    }
  });

  it('says of the code before why it no longer works, and counts no try for it', () => {
    for (const [before, code] of [
      [{ ...shown, isSpent: true }, 'CODE_USED'],
      [{ ...shown, usedBy: { farmId: 'f', serverId: 's' } }, 'CODE_USED'],
      [{ ...shown, wrongTries: 5 }, 'CODE_TRIES_EXHAUSTED'],
      [{ ...shown, expiresAtMs: 5 }, 'CODE_EXPIRED'],
    ] as const) {
      const next = { ...shown, secret: 'cc', earlier: earlierOf(before, 5) };
      expect(judgeProof(next, 'aa', 6, equal)).toMatchObject({ shown: next, refusal: { code } });
      expect(judgeProof(next, 'bb', 6, equal)).toMatchObject({ shown: { wrongTries: 1 }, refusal: { code: 'CODE_INVALID' } });
      expect(judgeProof(next, 'cc', 6, equal).refusal).toBeUndefined();
    }
    expect(earlierOf(shown, 5)).toBeUndefined();
    expect(earlierOf(undefined, 5)).toBeUndefined();
  });

  it('counts wrong ones to five, and then refuses all', () => {
    let state: typeof shown | undefined = shown;
    for (let time = 1; time <= 5; time += 1) {
      state = judgeProof(state, 'bb', 1, equal).shown as typeof shown;
      expect(state.wrongTries).toBe(time);
    }
    expect(judgeProof(state, 'aa', 1, equal)).toMatchObject({ shown: state, refusal: { code: 'CODE_TRIES_EXHAUSTED' } });
    expect(judgeProof({ ...shown, wrongTries: 4 }, 'aa', 1, equal).refusal).toBeUndefined();
  });
});
