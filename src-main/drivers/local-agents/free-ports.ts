import { createServer } from 'node:net';
import { FarmError } from '#contract/errors.ts';

const mostTries = 2000;

/** Can a program listen there now? */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The first free loopback ports at or above each of `wanted`, none twice and none of `taken`. Throws `PORT_TAKEN` when far and wide none is free. */
export async function freePorts(wanted: readonly number[], taken: readonly number[]): Promise<number[]> {
  const given = new Set(taken);
  const ports: number[] = [];
  for (const first of wanted) {
    let port = first;
    const last = Math.min(65_535, first + mostTries);
    while (port <= last && (given.has(port) || !(await isFree(port)))) port += 1;
    if (port > last) throw new FarmError('PORT_TAKEN', { port: first, owner: 'unknown' });
    given.add(port);
    ports.push(port);
  }
  return ports;
}
