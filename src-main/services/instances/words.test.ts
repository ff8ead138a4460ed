import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { instanceCode, pathCheck } from '#contract/api/instances.ts';
import { jobState, stepState } from '#contract/api/jobs.ts';
import { jobCatalogue } from '#contract/catalogue/jobs.ts';
import { createTranslate, hasWords } from '#words/translate.ts';
import { OutsideError, type ProbeEvidence } from '../../ports/probe.ts';
import { pathChecks, diagnosticPath } from '../../checks/diagnostic-path.ts';

const missing = (keys: readonly string[]): string[] => keys.filter((key) => !hasWords(key));

/** Codes that these files say, read from their text: a code without words would be seen by a person as a key. */
async function saidIn(pattern: RegExp): Promise<string[]> {
  const folders = ['./', '../../effects/', '../../checks/', '../../jobs/', '../../engine/'].map((path) => new URL(path, import.meta.url));
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder, { recursive: true }))
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
        .map((name) => new URL(name.replaceAll('\\', '/'), folder)),
    ),
  );
  const texts = await Promise.all(files.flat().map((file) => readFile(file, 'utf8')));
  return [
    ...new Set(
      texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => match.slice(1).find((group) => group !== undefined) ?? '')),
    ),
  ];
}

describe('the words of jobs and instances', () => {
  test('are there for every step, state and code', async () => {
    const steps = Object.entries(jobCatalogue).flatMap(([type, { steps: names }]) =>
      names.flatMap((name) => ['title', 'doing', 'done', 'failed', 'undone'].map((kind) => `jobs.${type}.${name}.${kind}`)),
    );
    expect(missing(steps)).toEqual([]);
    expect(
      missing([...jobState.options.map((state) => `jobs.state.${state}`), ...stepState.options.map((state) => `jobs.step.${state}`)]),
    ).toEqual([]);
    expect(missing(instanceCode.options.flatMap((code) => [`instances.state.${code}`, `instances.state.${code}.says`]))).toEqual([]);
    const waiting = await saidIn(/(?:waitFor\(|waiting: |waiting: \([a-z]*\) => \(|onSaved\(record, )\{ code: '([a-z-]+)'/g);
    for (const code of ['start', 'route', 'outside', 'dns-write', 'turn', 'link', 'check']) expect(waiting).toContain(code);
    expect(missing(waiting.map((code) => `jobs.waiting.${code}`))).toEqual([]);
    const traces = await saidIn(/code: '([a-z-]+)'[^\n]*(?:isPresent|,\n +parameters: [^\n]*\n +isPresent)/g);
    for (const code of ['route', 'row', 'package']) expect(traces).toContain(code);
    // that is what they say: there is none of its own, and nobody knows
    const ofLeftover = (code: string) => (['only-wildcard', 'unasked'].includes(code) ? ['absent'] : ['present', 'absent']);
    expect(missing(traces.flatMap((code) => ofLeftover(code).map((of) => `jobs.trace.${code}.${of}`)))).toEqual([]);
    const changes = await saidIn(/code: '([a-z-]+-(?:in|out|up|start|stop|desired|access))'/g);
    for (const code of ['record-in', 'files-out', 'process-stop', 'membership-out', 'membership-given-up', 'zone-out'])
      expect(changes).toContain(code);
    const shown = ['running', 'starting', 'broken', 'suspended'].map((state) => `route-${state}`);
    const left = ['joining', 'leaving', 'given-up'].map((state) => `server-${state}`);
    expect(missing([...changes, ...shown, ...left].flatMap((code) => [`jobs.change.${code}.title`, `jobs.change.${code}.says`]))).toEqual(
      [],
    );
    const types = Object.keys(jobCatalogue).flatMap((type) =>
      ['', '.now', '.done', '.undone', '.failed'].map((of) => `jobs.type.${type}${of}`),
    );
    expect(missing(types)).toEqual([]);
  });
});

const tls = { fingerprint: 'ab', issuer: 'CN=site authority', validToMs: 11 * 86_400_000, protocol: 'TLSv1.3' };
const evidence = (outcome: string, more: Partial<ProbeEvidence['addresses'][number]> = {}): ProbeEvidence => ({
  url: 'https://anna.farm.test/',
  atMs: 86_400_000,
  names: [{ server: '127.0.0.1:53', addresses: ['192.0.2.1'], outcome: 'NOERROR', durationMs: 1 }],
  addresses: [{ address: '192.0.2.1', port: 443, outcome, ...more }],
});
const address = 'https://anna.farm.test';
const paths = {
  good: pathChecks(evidence('ok', { tls, status: 200 }), undefined, 'Oak', 12),
  name: pathChecks(
    evidence('x'),
    new OutsideError('OUTSIDE_NAME', { address, found: '192.0.2.9', expected: '192.0.2.1' }, evidence('x')),
    'Oak',
    undefined,
  ),
  slow: pathChecks(
    evidence('x'),
    new OutsideError('DNS_SLOW', { domain: 'a', name: 'a', server: 'ns1', seconds: 2 }, evidence('x')),
    'Oak',
    undefined,
  ),
  connect: pathChecks(
    evidence('connect ECONNREFUSED'),
    new OutsideError('OUTSIDE_CONNECT', { address, cause: 'ECONNREFUSED' }, evidence('x')),
    'Oak',
    undefined,
  ),
  tls: pathChecks(
    evidence('tls CERT_HAS_EXPIRED'),
    new OutsideError('OUTSIDE_TLS', { address, cause: 'CERT_HAS_EXPIRED' }, evidence('x')),
    'Oak',
    undefined,
  ),
  status: pathChecks(
    evidence('ok', { tls, status: 502 }),
    new OutsideError('OUTSIDE_STATUS', { address, status: 502, expected: '200' }, evidence('x')),
    'Oak',
    undefined,
  ),
};

describe('the diagnostic path', () => {
  test.each([
    ['good', ['answers', 'valid', 'reached', 'answers']],
    ['name', ['wrong', 'not-asked', 'not-asked', 'not-asked']],
    ['slow', ['slow', 'not-asked', 'not-asked', 'not-asked']],
    ['connect', ['answers', 'not-asked', 'not-reached', 'not-asked']],
    ['tls', ['answers', 'bad', 'reached', 'not-asked']],
    ['status', ['answers', 'valid', 'reached', 'status']],
  ] as const)('%s: the broken check is named, what lies behind it is not guessed', (kind, codes) => {
    const road = paths[kind];
    expect(road.map(({ code }) => code)).toEqual(codes);
    for (const one of road) pathCheck.parse(one);
  });

  test('says every check in both languages', () => {
    for (const language of ['en', 'ru'] as const) {
      const t = createTranslate(language, 'UTC');
      for (const one of [...Object.values(paths).flat(), ...diagnosticPath(undefined, undefined)]) {
        const key = `instances.road.${one.stone}.says.${one.code}`;
        if (!hasWords(key)) throw new Error(`${key} has no words`);
        expect(t.say(key, one.parameters)).toMatch(/^\p{Lu}.+\.$/u);
      }
    }
    const en = createTranslate('en', 'UTC');
    const [, certificate] = paths.good;
    expect(en.say('instances.road.certificate.says.valid', certificate?.parameters)).toBe(
      'Valid for 10 more days, issued by site authority.',
    );
  });
});
