import { edgePages } from '#contract/agent/edge.ts';
import { createDirectProbe } from '../drivers/probe/direct/index.ts';
import type { Clock } from '../ports/clock.ts';
import {
  type NameEvidence,
  OutsideError,
  type OutsideProbe,
  type ProbeEvidence,
  type ProbeRequest,
  type TlsEvidence,
} from '../ports/probe.ts';
import type { FakeAgent } from './fake-agent.ts';

const tls: TlsEvidence = { fingerprint: '0'.repeat(64), issuer: 'site authority', validToMs: 4_102_444_800_000, protocol: 'TLSv1.3' };

function coversHost(agent: FakeAgent, host: string): boolean {
  const parent = host.slice(host.indexOf('.') + 1);
  return [...agent.certificates.values()].some((one) => one.names.includes(host) || one.names.includes(`*.${parent}`));
}

/** What the edge of an agent in memory answers: its route's page, or the application behind it. */
function statusOf(agent: FakeAgent, host: string, authorization: string | undefined): number {
  const route = agent.routes.get(host);
  if (route === undefined) return 421;
  if (route.state !== 'running') return 503;
  const kept = agent.instances.get(route.instanceId);
  if (kept === undefined || kept.instance.process.state !== 'running') return 502;
  const manifest = [...agent.installed.values()].find((one) => one.manifestHash === kept.spec.manifestHash)?.manifest;
  const signIn = manifest?.health.signIn;
  if (signIn === undefined) return 200;
  const expected = `${String(kept.spec.parameters[signIn.userName] ?? '')}:${String(kept.spec.parameters[signIn.password] ?? '')}`;
  return authorization === `Basic ${Buffer.from(expected).toString('base64')}` ? 200 : 401;
}

function pageHeaders(agent: FakeAgent, host: string): Readonly<Record<string, string>> {
  const state = agent.routes.get(host)?.state ?? 'running';
  const page: { readonly status?: number; readonly retryAfterSeconds?: number } = state === 'running' ? {} : edgePages[state];
  return page.retryAfterSeconds === undefined ? {} : { 'retry-after': String(page.retryAfterSeconds) };
}

/** Names are asked for real, at the farm's own name server, unless a test answers itself; behind the addresses stand agents in memory. */
export function createFakeProbe({
  clock,
  agents,
  lookup = createDirectProbe({ clock }).lookup,
}: {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly agents: () => readonly FakeAgent[];
  readonly lookup?: OutsideProbe['lookup'];
}): OutsideProbe {
  const request = async (wanted: ProbeRequest) => {
    const url = new URL(wanted.url);
    const names: readonly NameEvidence[] = await lookup(url.hostname, wanted.resolveVia.servers, {
      timeoutMs: wanted.timeoutMs,
      ...(wanted.signal === undefined ? {} : { signal: wanted.signal }),
    });
    const found = [...new Set(names.flatMap((one) => one.addresses))].sort();
    const expected = [...(wanted.expect.addresses ?? found)].sort();
    const port = Number(url.port || 443);
    const evidence = (outcome: string, status?: number): ProbeEvidence => ({
      url: wanted.url,
      atMs: clock.nowMs(),
      names,
      addresses: found.map((address) => ({
        address,
        port,
        outcome,
        ...(outcome === 'ok' ? { tls } : {}),
        ...(status === undefined ? {} : { status }),
      })),
    });
    if (found.length === 0 || found.join() !== expected.join())
      throw new OutsideError(
        'OUTSIDE_NAME',
        { address: url.host, found: found.join(', ') || 'NXDOMAIN', expected: expected.join(', ') },
        evidence('not-reached'),
      );
    const agent = agents().find((one) => one.publicAddress === found[0] && one.facts.httpsPort === port);
    if (agent === undefined || agent.edge.isDead)
      throw new OutsideError('OUTSIDE_CONNECT', { address: url.host, cause: 'ECONNREFUSED' }, evidence('ECONNREFUSED'));
    if (!coversHost(agent, url.hostname))
      throw new OutsideError(
        'OUTSIDE_TLS',
        { address: url.host, cause: 'ERR_TLS_CERT_ALTNAME_INVALID' },
        evidence('ERR_TLS_CERT_ALTNAME_INVALID'),
      );
    const status = statusOf(agent, url.hostname, wanted.headers?.authorization);
    if (!wanted.expect.status.includes(status))
      throw new OutsideError(
        'OUTSIDE_STATUS',
        { address: url.host, status, expected: wanted.expect.status.join(', ') },
        evidence('ok', status),
      );
    return {
      addresses: found,
      tls,
      status,
      headers: pageHeaders(agent, url.hostname),
      durationsMs: { dns: 1, connect: 1, tls: 1, firstByte: 3 },
      evidence: evidence('ok', status),
    };
  };
  return { lookup, request };
}
