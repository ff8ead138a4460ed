import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bindSocket, portOf } from '#kit/node/bound-socket.ts';
import { certificatePath, edgePaths, routePath, writeWhole } from './edge-files.ts';
import { makeCertificate } from './testing/make-certificate.ts';
import { startUpstream } from './testing/upstream.ts';
import { route, visit } from './testing/visitor.ts';
import { workerHere } from './worker-here.ts';
import { Workers } from './workers.ts';

test('where sockets cannot be given to a child the main process serves by itself, through the same interface', async () => {
  const anna = 'anna.farm.localhost';
  const folder = mkdtempSync(join(tmpdir(), 'farm-edge-here-'));
  const paths = edgePaths(folder);
  const upstream = await startUpstream('anna');
  const { certificate, keyPem } = await makeCertificate(['*.farm.localhost']);
  writeWhole(certificatePath(paths, certificate.certificateId), JSON.stringify({ certificate, keyPem }));
  const notes: string[] = [];
  const log = { write: (event: string) => void notes.push(event) };
  const workers = new Workers({
    start: workerHere(folder, log),
    count: 1,
    begin: () => ({ act: 'begin', proof: 'p', share: 1, ticketKeys: Buffer.alloc(48, 1).toString('base64'), httpsPort: 0, holds: [] }),
    log,
    shown: ({ kind }) => notes.push(kind),
    changed: () => undefined,
  });
  workers.begin();
  await workers.up;
  const socket = await bindSocket('127.0.0.1', 0);
  expect(await workers.listen('https', socket)).toBe('');
  await expect(bindSocket('127.0.0.1', portOf(socket))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const ask = () => visit({ port: portOf(socket), host: anna, ca: certificate.chainPem });
  expect((await ask()).status).toBe(404);
  writeWhole(routePath(paths, anna), JSON.stringify(route(anna, upstream.port)));
  await workers.ask({ act: 'route', host: anna });
  expect((await ask()).body).toBe('anna');
  expect(notes).toEqual(['page', 'unknown']);
  expect(workers.size).toEqual({ wanted: 1, running: 1 });
  expect(workers.processIds).toEqual([]);
  expect(await workers.counts(1000)).toMatchObject({ requests: 2, routes: 1, certificates: 1 });
  // As at a hand-over: the main process lets go of its socket first.
  socket.close();
  await new Promise<void>((resolve) => workers.drain(resolve));
  await expect(ask()).rejects.toThrow();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});
