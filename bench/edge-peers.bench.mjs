/**
 * The edge's table of misbehaviours, row by row, at our edge and at Debian's nginx, Caddy and HAProxy in front of the same application: what each does where a
 * visitor or the application misbehaves, by the sections of RFC 9113 and 9112. No benchmark of speed; the table says where a peer does better. Needs nginx,
 * caddy and haproxy; installs nothing itself (`npm run bench` does, as root on Debian).
 *   npm run bench -- edge-peers      (more: node_modules/.bin/node bench/edge-peers.bench.mjs [--only edge,nginx] [--all])
 */
import { parseArgs } from 'node:util';
import { allRows } from '../agent/edge/testing/rows/all-rows.ts';
import { play, startRowUpstream } from '../agent/edge/testing/rows/play.ts';
import { problemOf } from '../agent/edge/testing/rows/row.ts';
import { createStage, hosts } from './lib/edge/proxies.ts';
import { say, sayMachine } from './lib/say.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, all: { type: 'boolean', default: false } } });
const atOnce = 4;
const names = ['edge', 'nginx', 'caddy', 'haproxy'].filter((name) => values.only === undefined || values.only.split(',').includes(name));

sayMachine('before');
const stage = await createStage(undefined, undefined);
try {
  /** @type {Record<string, (string | undefined)[]>} */
  const problems = {};
  for (const name of names) {
    const upstream = await startRowUpstream(allRows, '127.0.0.1');
    const { port } = await stage[name](upstream.port);
    const place = { address: '127.0.0.1', port, host: hosts[0] ?? '', ca: stage.certificatePem };
    const found = Array.from({ length: allRows.length });
    let next = 0;
    const work = async () => {
      while (next < allRows.length) {
        const number = next;
        next += 1;
        const row = { ...allRows[number], patienceMs: allRows[number].patienceMs ?? 5000 };
        found[number] = problemOf(row, await play(place, row, number, upstream));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    problems[name] = found;
    await upstream.close();
  }
  for (const [number, { version, section, name, ours }] of allRows.entries()) {
    const wrong = names.filter((one) => problems[one]?.[number] !== undefined);
    if (wrong.length === 0 && !values.all) continue;
    say(`${version} §${section}: ${name}`);
    for (const one of names) say(`    ${one.padEnd(8)} ${problems[one]?.[number] ?? 'right'}`);
    if (ours !== undefined && wrong.includes('edge')) say(`    why      ${ours.why}`);
  }
  say(`${allRows.length} rows (${values.all ? 'all' : 'those that all pass are not shown'})`);
  for (const name of names) say(`${name.padEnd(8)} right in ${problems[name]?.filter((problem) => problem === undefined).length}`);
  const better = names
    .filter((name) => name !== 'edge')
    .map((name) => [name, allRows.filter((_, number) => problems.edge?.[number] !== undefined && problems[name]?.[number] === undefined)]);
  if (names.includes('edge'))
    for (const [name, rows] of better)
      say(`${name} does better in ${rows.length}: ${rows.map((row) => `§${row.section} ${row.name}`).join('; ')}`);
} finally {
  await stage.close();
  sayMachine('after');
}
