import { createORPCClient, getEventMeta } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '#contract/api/index.ts';
import { type InstanceId, packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';

let core: TestCore;
let http: HttpFixture;
let id: InstanceId;
beforeAll(async () => {
  core = await createTestCore({ servers: 1 });
  http = await serveTestCore(core);
  const job = await core.client.instances.create({ name: 'anna', packageId: packageId.parse('static-site'), requestKey: core.key() });
  for await (const _ of await core.client.jobs.watch({ jobId: job.id }));
  ({ id } = await core.client.instances.find({ name: 'anna' }));
});
afterAll(async () => {
  await http.close();
  await core.close();
});

const write = (text: string): void => core.agents[0]?.write(id, { atMs: Date.now(), stream: 'out', text });

/** Reads server-sent events until one holds the text; answers with all that was read and the last id. */
async function readUntil(text: string, lastEventId: string | undefined): Promise<{ read: string; lastId: string }> {
  const stop = new AbortController();
  const answer = await fetch(`http://${http.host}/api/v1/instances/${id}/log/follow?lines=5`, {
    headers: { Authorization: `Bearer ${http.linkToken}`, ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }) },
    signal: stop.signal,
  });
  let read = '';
  for await (const piece of answer.body ?? []) {
    read += new TextDecoder().decode(piece);
    if (read.includes(text)) break;
  }
  stop.abort();
  return { read, lastId: [...read.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '' };
}

test('a log that is followed as server-sent events goes on after its Last-Event-ID', async () => {
  const first = await readUntil('job.done', undefined);
  expect(first.read).toContain('"stream":"farm"');
  expect(first.lastId).toMatch(/^[0-9a-f-]{36}_/);
  write('while nobody read');
  const second = await readUntil('while nobody read', first.lastId);
  expect(second.read.match(/"stream":/g)).toHaveLength(1);
});

test('over the socket of the window too', async () => {
  const socket = await http.openSocket();
  const client: ContractRouterClient<Api> = createORPCClient(new RPCLink({ websocket: socket as never }));
  let lastEventId = '';
  for await (const event of await client.instances.followLog({ instanceId: id, lines: 5 })) {
    expect(event.lines).toHaveLength(5);
    lastEventId = getEventMeta(event)?.id ?? '';
    break;
  }
  write('between two streams');
  for await (const event of await client.instances.followLog({ instanceId: id, lines: 5 }, { lastEventId })) {
    if (event.lines.length === 0) continue;
    expect(event.lines.map(({ text }) => text)).toEqual(['between two streams']);
    break;
  }
  socket.close();
});
