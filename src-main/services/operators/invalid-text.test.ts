import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageId } from '#contract/ids.ts';
import { createTestCore, type TestCore } from '../../testing/create-test-core.ts';

const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'taken',
    (error: unknown) => error,
  );
let core: TestCore;
beforeAll(async () => {
  core = await createTestCore({ servers: 0 });
});
afterAll(() => core.close());

test.each(['\0', '\ud800', '\u202e', '\n'])('a name with %j is refused with the field, and nothing is kept', async (character) => {
  const refused = await errorOf(core.client.customers.create({ name: `Evil${character}`, requestKey: core.key() }));
  expect(refused).toMatchObject({ code: 'TEXT_INVALID', data: { field: 'name' } });
  const nested = await errorOf(
    core.client.instances.create({
      name: 'anna',
      packageId: packageId.parse('static-site'),
      customer: { name: 'Good', contact: `a${character}` },
      requestKey: core.key(),
    }),
  );
  expect(nested).toMatchObject({ code: 'TEXT_INVALID', data: { field: 'customer.contact' } });
  expect((await core.client.customers.list({})).customers).toEqual([]);
});

test('a look with such a text is refused the same way', async () => {
  for (const call of [core.client.customers.list({ text: 'a\0' }), core.client.instances.find({ name: 'a\0' })])
    expect(await errorOf(call)).toMatchObject({ code: 'TEXT_INVALID' });
});
