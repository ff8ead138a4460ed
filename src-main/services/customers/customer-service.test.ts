import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { customerId, farmId } from '#contract/ids.ts';
import { openSqliteStore } from '../../drivers/store/sqlite/index.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { createIds } from '../../drivers/system/ids.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Change } from '../../ports/changes.ts';
import type { Store } from '../../ports/store.ts';
import { createCustomerService, type CustomerService } from './customer-service.ts';

const ids = createIds(systemClock);
const base = { name: 'Test', timeZone: 'UTC', epoch: 1, isDemo: false, createdAtMs: 1 } as const;
const farm: Farm = { ...base, id: farmId.parse(ids.uuid()), language: 'ru' };
let folder = '';
let store: Store;
let service: CustomerService;
let announced: Change[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'farm-customers-'));
  store = await openSqliteStore({ file: join(folder, 'farm.sqlite'), clock: systemClock });
  await store.farms.insert(farm);
  announced = [];
  const changes = { announce: (change: Change) => void announced.push(change), on: () => () => undefined };
  service = createCustomerService({ store, clock: systemClock, ids, changes, farm: () => farm });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
const names = async (text: string): Promise<string[]> => (await service.list(text, 50)).map((customer) => customer.name);

describe('customers', () => {
  it('are found in any script, whatever the case', async () => {
    for (const name of ['Ёлкина Анна', 'Елена', 'Яна', 'Straße GmbH', '株式会社', 'Ünal']) await service.create({ name });
    expect(await names('анна')).toEqual(['Ёлкина Анна']);
    expect(await names('ЁЛК')).toEqual(['Ёлкина Анна']);
    expect(await names('STRASSE gmbh'.slice(0, 3))).toEqual(['Straße GmbH']);
    expect(await names('会社')).toEqual(['株式会社']);
    expect(await names('ünal')).toEqual(['Ünal']);
    expect(await names('%')).toEqual([]);
    expect((await names('')).filter((name) => /^[А-ЯЁ]/.test(name))).toEqual(['Елена', 'Ёлкина Анна', 'Яна']);
    expect(await service.list('', 2)).toHaveLength(2);
  });

  it('are found by contact and by the reference of the panel', async () => {
    await service.create({ name: 'Anna', contact: 'anna@example.com', externalReference: 'WHMCS-42' });
    expect(await names('EXAMPLE.com')).toEqual(['Anna']);
    expect(await names('whmcs')).toEqual(['Anna']);
  });

  it('have a name that is not only white space, and speak the language of the farm', async () => {
    expect(await service.create({ name: '  Анна \u00a0 Ёлкина ' })).toMatchObject({ name: 'Анна Ёлкина', language: 'ru', instances: 0 });
    await expect(service.create({ name: ' \u00a0 ' })).rejects.toMatchObject({ code: 'NAME_INVALID', parameters: { reason: 'empty' } });
    expect(announced).toHaveLength(1);
  });

  it('change field by field', async () => {
    const made = await service.create({ name: 'Anna', contact: 'a@example.com', externalReference: 'r-1' });
    expect(await service.update(made.id, { contact: 'b@example.com' })).toEqual({ ...made, contact: 'b@example.com' });
    expect(await service.update(made.id, { name: 'Anne', language: 'en' })).toMatchObject({
      name: 'Anne',
      language: 'en',
      contact: 'b@example.com',
    });
    await service.create({ name: 'Boris', externalReference: 'r-2' });
    await expect(service.update(made.id, { externalReference: 'r-2' })).rejects.toMatchObject({ code: 'EXISTS' });
    await expect(service.create({ name: 'Clara', externalReference: 'r-2' })).rejects.toMatchObject({ code: 'EXISTS' });
    await expect(service.update(customerId.parse(ids.uuid()), {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the customer of a new instance', () => {
  it('is made once, also when ten ask at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => service.ensure({ name: 'Анна', contact: 'a@example.com' })));
    expect(new Set(all.map((customer) => customer.id)).size).toBe(1);
    expect((await service.ensure({ name: ' анна ' })).id).toBe(all[0]?.id);
    expect(await store.customers.find()).toHaveLength(1);
  });

  it('is another one with another contact or another reference', async () => {
    const anna = await service.ensure({ name: 'Anna', contact: 'a@example.com', externalReference: 'r-1' });
    const others = [
      await service.ensure({ name: 'Anna', contact: 'b@example.com' }),
      await service.ensure({ name: 'Anna', externalReference: 'r-2' }),
    ];
    expect(new Set([anna, ...others].map((customer) => customer.id)).size).toBe(3);
    expect((await service.ensure({ name: 'Whatever', externalReference: 'r-1' })).id).toBe(anna.id);
  });

  it('is the one who was named by id, or an error', async () => {
    const anna = await service.ensure({ name: 'Anna' });
    expect(await service.ensure({ id: anna.id, name: '' })).toEqual(anna);
    await expect(service.ensure({ id: customerId.parse(ids.uuid()), name: 'Anna' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      parameters: { kind: 'customer' },
    });
    await expect(service.ensure({ name: '  ' })).rejects.toMatchObject({ code: 'NAME_INVALID' });
  });
});
