import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';
import { type HttpFixture, serveTestCore } from '../../testing/http-fixture.ts';
import { rawRequest } from '../../testing/raw-request.ts';

let core: TestCore;
let http: HttpFixture;
beforeAll(async () => {
  core = await createTestCore({ servers: 0 });
  http = await serveTestCore(core);
});
afterAll(async () => {
  await http.close();
  await core.close();
});

const json = { 'Content-Type': 'application/json' };
const bearer = (): Record<string, string> => ({ Authorization: `Bearer ${http.linkToken}` });
const chunk = (piece: string): string => `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`;
const head = (method: string, path: string, headers: Readonly<Record<string, string>>): string =>
  [
    `${method} ${path} HTTP/1.1`,
    ...Object.entries({ Host: http.host, 'Transfer-Encoding': 'chunked', Connection: 'close', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    '\r\n',
  ].join('\r\n');
const ask = (method: string, path: string, headers: Readonly<Record<string, string>>, ...pieces: string[]) =>
  rawRequest(http.port, `${head(method, path, headers)}${pieces.map(chunk).join('')}0\r\n\r\n`, 2000);
const customer = (name: string): string => JSON.stringify({ name, requestKey: core.key() });
const names = async (): Promise<string[]> => (await core.client.customers.list({})).customers.map(({ name }) => name);

describe('a body of unknown length', () => {
  test('is taken, in one piece or in many, with a type or without one', async () => {
    const text = customer('Ольга по кускам');
    const pieces = [text.slice(0, 7), text.slice(7, 20), text.slice(20)];
    expect(await ask('POST', '/api/v1/customers', { ...bearer(), ...json }, ...pieces)).toMatchObject({ status: 200 });
    expect(await ask('POST', '/api/v1/customers', bearer(), customer('Whole'))).toMatchObject({ status: 200 });
    const call = `{"json":${customer('By the call')}}`;
    expect(await ask('POST', '/rpc/customers/create', { ...bearer(), ...json }, call)).toMatchObject({ status: 200 });
    expect(await names()).toEqual(expect.arrayContaining(['Ольга по кускам', 'Whole', 'By the call']));
  });

  test('may be empty', async () => {
    expect(await ask('GET', '/api/v1/settings', bearer())).toMatchObject({ status: 200 });
    expect(await ask('POST', '/rpc/settings/get', bearer())).toMatchObject({ status: 200 });
  });

  test('just within the bound is taken', async () => {
    const text = JSON.stringify({ name: 'Long', contact: 'x', requestKey: core.key() });
    const padded = text.replace('{', `{${' '.repeat(4_000_000 - Buffer.byteLength(text))}`);
    expect(Buffer.byteLength(padded)).toBe(4_000_000);
    expect(await ask('POST', '/api/v1/customers', { ...bearer(), ...json }, padded)).toMatchObject({ status: 200 });
    const over = await ask('POST', '/api/v1/customers', { ...bearer(), ...json }, `${padded} `);
    expect([over.status, JSON.parse(over.body).code]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('whose sender leaves in the middle of it is no fault of ours', async () => {
    const before = core.logLines.length;
    for (const path of ['/api/v1/customers', '/rpc/customers/create']) {
      const socket = connect({ host: '127.0.0.1', port: http.port });
      socket.write(`${head('POST', path, { ...bearer(), ...json })}${chunk('{"name":')}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      socket.destroy();
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(core.logLines.slice(before).filter((line) => line.includes('"level":"bug"'))).toEqual([]);
  });

  test('without an end is refused while it is read, and the connection ends', async () => {
    const piece = chunk('x'.repeat(64 * 1024));
    const sent = await new Promise<{ bytes: number; answer: string }>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: http.port });
      let [bytes, answer] = [0, ''];
      const more = (): void => {
        while (!socket.destroyed && socket.write(piece)) bytes += piece.length;
      };
      socket.on('data', (text) => (answer += text.toString()));
      socket.on('drain', more);
      socket.on('error', () => undefined);
      socket.on('close', () => resolve({ bytes, answer }));
      socket.once('connect', () => {
        socket.write(head('POST', '/rpc/customers/create', { ...bearer(), ...json }));
        more();
      });
    });
    expect(sent.answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent.answer).toContain('BODY_TOO_LARGE');
    expect(sent.bytes).toBeLessThan(16_000_000);
    expect((await ask('GET', '/api/v1/settings', bearer())).status).toBe(200);
  });

  test('of a stranger is not read', async () => {
    const text = customer('Evil');
    for (const headers of [json, { ...json, ...http.browser(), Origin: 'http://evil.example' }])
      expect(await ask('POST', '/api/v1/customers', headers, text)).toMatchObject({ status: 401 });
    // no end comes, and the refusal does not wait for one
    const refused = await rawRequest(http.port, `${head('POST', '/api/v1/customers', json)}${chunk(text)}`, 2000);
    expect(refused.status).toBe(401);
    expect(await names()).not.toContain('Evil');
  });

  test.each([
    ['torn', json, '{"name":', 400],
    ['of a type that nobody reads', { 'Content-Type': 'application/octet-stream' }, '{}', 415],
    ['in a coding that nobody knows', { ...json, 'Transfer-Encoding': 'gzip, chunked' }, '{}', 501],
  ])('%s is refused by its own status', async (_what, headers, text, status) => {
    const answer = await ask('POST', '/api/v1/customers', { ...bearer(), ...headers }, text);
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([status, 'BODY_UNREADABLE']);
  });
});
