import type { AgentInstance } from '#contract/agent/instances.ts';
import type { PathCheck } from '#contract/api/instances.ts';
import type { FarmError } from '#contract/errors.ts';
import type { ProbeEvidence } from '../ports/probe.ts';

const dayMs = 86_400_000;
type Parameters = Record<string, string | number>;

/** The name of an issuer as a person knows it, out of `C=…, O=…, CN=…`. */
export const commonNameOf = (issuer: string): string => /(?:^|, )CN=([^,]+)/.exec(issuer)?.[1] ?? issuer;

const unasked = (stone: PathCheck['stone']): PathCheck => ({ stone, mark: 'unknown', code: 'not-asked', parameters: {} });

function nameCheck(evidence: ProbeEvidence | undefined, failure: FarmError | undefined, atMs: number | undefined): PathCheck {
  const say = (mark: PathCheck['mark'], code: string, parameters: Parameters): PathCheck => ({
    stone: 'name',
    mark,
    code,
    parameters,
    ...(atMs === undefined ? {} : { checkedAtMs: atMs }),
  });
  const has = failure?.parameters as Parameters | undefined;
  const text = (key: string): string => String(has?.[key] ?? '');
  switch (failure?.code) {
    case 'OUTSIDE_NAME':
      return say('bad', 'wrong', { found: text('found'), expected: text('expected') });
    case 'DNS_SLOW':
      return say('bad', 'slow', { server: text('server') });
    case 'DNS_REFUSED':
    case 'DNS_ZONE_MISSING':
    case 'DNS_CREDENTIALS':
      return say('bad', 'refused', { server: text('server'), reason: text('reason') || failure.code });
    default: {
      const addresses = [...new Set(evidence?.names.flatMap((name) => name.addresses) ?? [])].join(', ');
      return evidence === undefined ? unasked('name') : say('good', 'answers', { addresses });
    }
  }
}

/** What an outside request saw, as the first four checks of the diagnostic path. One behind a broken one was not reached: it is not asked. */
export function pathChecks(
  evidence: ProbeEvidence | undefined,
  failure: FarmError | undefined,
  server: string,
  answerMs: number | undefined,
): readonly PathCheck[] {
  const atMs = evidence === undefined ? undefined : Math.round(evidence.atMs);
  const name = nameCheck(evidence, failure, atMs);
  const [first] = evidence?.addresses ?? [];
  if (name.mark !== 'good' || first === undefined || atMs === undefined)
    return [name, unasked('certificate'), unasked('edge'), unasked('application')];
  const say = (stone: PathCheck['stone'], mark: PathCheck['mark'], code: string, parameters: Parameters): PathCheck => ({
    stone,
    mark,
    code,
    parameters,
    checkedAtMs: atMs,
  });
  const address = `${first.address}:${first.port}`;
  const cause = String((failure?.parameters as Parameters | undefined)?.cause ?? first.outcome);
  if (failure?.code === 'OUTSIDE_CONNECT' && first.tls === undefined) {
    return [name, unasked('certificate'), say('edge', 'bad', 'not-reached', { server, address, cause }), unasked('application')];
  }
  const edge = say('edge', 'good', 'reached', { server, address });
  if (failure?.code === 'OUTSIDE_TLS') return [name, say('certificate', 'bad', 'bad', { cause }), edge, unasked('application')];
  const { tls } = first;
  const days = tls === undefined ? 0 : Math.max(0, Math.floor((tls.validToMs - atMs) / dayMs));
  const certificate =
    tls === undefined ? unasked('certificate') : say('certificate', 'good', 'valid', { days, issuer: commonNameOf(tls.issuer) });
  if (failure?.code === 'OUTSIDE_STATUS') {
    const { status, expected } = failure.parameters as Parameters;
    return [name, certificate, edge, say('application', 'bad', 'status', { status: String(status), expected: String(expected) })];
  }
  if (failure !== undefined)
    return [name, certificate, say('edge', 'bad', 'not-reached', { server, address, cause }), unasked('application')];
  return [name, certificate, edge, say('application', 'good', 'answers', { answerMs: Math.round(answerMs ?? 0) })];
}

function applicationCheck(live: AgentInstance, isMeantToRun: boolean): PathCheck {
  const checked = live.healthAtMs === undefined ? {} : { checkedAtMs: Math.round(live.healthAtMs) };
  const say = (mark: PathCheck['mark'], code: string, parameters: Parameters): PathCheck => ({
    stone: 'application',
    mark,
    code,
    parameters,
    ...checked,
  });
  if (live.process.state !== 'running' && live.process.state !== 'starting') return say(isMeantToRun ? 'bad' : 'paused', 'not-running', {});
  if (live.health === 'unhealthy') return say('bad', 'unhealthy', { answered: live.healthAnswer });
  if (live.health === 'unknown') return unasked('application');
  return say('good', 'running', { answerMs: Math.round(live.answerMs ?? 0) });
}

function selfCheckOf(live: AgentInstance | undefined): PathCheck {
  if (live === undefined) return unasked('selfCheck');
  const checked = live.healthAtMs === undefined ? {} : { checkedAtMs: Math.round(live.healthAtMs) };
  const mark = live.selfCheck === 'bad' ? 'bad' : live.selfCheck === 'good' ? 'good' : 'unknown';
  return { stone: 'selfCheck', mark, code: live.selfCheck, parameters: {}, ...checked };
}

/**
 * The whole diagnostic path: what was last seen from outside, the application as its agent sees it where that is newer, and its self-check. An
 * application that a person stopped or suspended is no broken check.
 */
export function diagnosticPath(seen: readonly PathCheck[] | undefined, live: AgentInstance | undefined, isMeantToRun = true): PathCheck[] {
  const outside = seen ?? [unasked('name'), unasked('certificate'), unasked('edge'), unasked('application')];
  const checks = outside.map((check) => {
    if (check.stone !== 'application' || live === undefined) return check;
    const own = applicationCheck(live, isMeantToRun);
    return (own.checkedAtMs ?? 0) > (check.checkedAtMs ?? 0) || own.code === 'not-running' || own.mark === 'bad' ? own : check;
  });
  return [...checks, selfCheckOf(live)];
}
