import { isContractProcedure } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { api } from '#contract/api/index.ts';
import { permission } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

const procedures = Object.entries(api).flatMap(([area, verbs]) =>
  Object.entries(verbs).map(([verb, procedure]) => ({ name: `${area}.${verb}`, area, verb, procedure })),
);
const meta = z.object({ permission, isRead: z.boolean().optional() });
const permissionOf = (procedure: unknown): string | undefined =>
  isContractProcedure(procedure) ? meta.safeParse(procedure['~orpc'].meta).data?.permission : undefined;
const isRead = (procedure: unknown): boolean =>
  isContractProcedure(procedure) && meta.safeParse(procedure['~orpc'].meta).data?.isRead === true;
const takesRequestKey = (procedure: unknown): boolean =>
  isContractProcedure(procedure) &&
  procedure['~orpc'].inputSchema instanceof z.ZodObject &&
  'requestKey' in procedure['~orpc'].inputSchema.shape;

let core: TestCore;
beforeAll(async () => {
  core = await createTestCore({ servers: 1 });
});
afterAll(() => core.close());

/** Calls a procedure by its name; the middleware comes before the input is looked at. */
async function call(client: object, name: string): Promise<unknown> {
  const procedure = name.split('.').reduce<unknown>((at, key) => Reflect.get(Object(at), key), client);
  return Reflect.apply(procedure as (input: unknown) => unknown, undefined, [{ requestKey: 'a-key-of-the-middleware-test' }]);
}

describe('the middleware', () => {
  test('knows every procedure of the contract, and each names its permission', () => {
    expect(procedures.length).toBeGreaterThan(40);
    for (const { name, procedure } of procedures) expect(permissionOf(procedure), name).toMatch(/^(look|operate|own)$/);
  });

  test('whatever needs more than looking takes a request key, but what only reads; nothing else does', () => {
    for (const { name, procedure } of procedures)
      expect(takesRequestKey(procedure), name).toBe(permissionOf(procedure) !== 'look' && !isRead(procedure));
    const reads = procedures.filter(({ procedure }) => isRead(procedure));
    expect(reads.map(({ name }) => name)).toEqual(['monitoring.find']);
    for (const { procedure } of reads) expect(isContractProcedure(procedure) && procedure['~orpc'].route.method).toBe('GET');
  });

  test.each(procedures.filter(({ procedure }) => permissionOf(procedure) !== 'look').map(({ name }) => name))(
    '%s is refused to who may only look',
    async (name) => {
      const needed = permissionOf(procedures.find((one) => one.name === name)?.procedure);
      await expect(call(core.as('look'), name)).rejects.toMatchObject({ code: 'PERMISSION_MISSING', data: { needed } });
    },
  );

  test.each(procedures.filter(({ procedure }) => permissionOf(procedure) === 'own').map(({ name }) => name))(
    '%s is refused to who may only operate',
    async (name) => {
      await expect(call(core.as('operate'), name)).rejects.toMatchObject({ code: 'PERMISSION_MISSING', data: { needed: 'own' } });
    },
  );

  test('each permission includes the one before', async () => {
    for (const may of ['look', 'operate', 'own'] as const) expect((await core.as(may).servers.list()).servers).toHaveLength(1);
    const customer = await core.as('operate').customers.create({ name: 'Anna', requestKey: core.key() });
    expect(customer.name).toBe('Anna');
  });

  test('an expected failure goes out by its code, with its parameters and no stack', async () => {
    await expect(core.client.instances.find({ name: 'nobody' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      status: 404,
      data: { kind: 'instance', name: 'nobody' },
    });
  });
});
