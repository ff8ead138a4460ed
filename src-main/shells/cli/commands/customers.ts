import type { Command } from '../command.ts';
import { columns, facts } from '../columns.ts';
import { oneOf } from '../parse.ts';

const list: Command = {
  kind: 'call',
  area: 'customers',
  verb: 'list',
  summary: 'cli.customers.list',
  options: { text: { type: 'string', value: 'TEXT', summary: 'cli.instances.list.text' } },
  run: async ({ client, typed, t }) => {
    const answer = await client.customers.list({ text: typed.text('text') ?? '', limit: 200 });
    if (answer.customers.length === 0) return { json: answer, lines: [t('cli.customers.none')] };
    const heads = [t('cli.field.name'), t('cli.field.contact'), t('cli.field.instances'), t('cli.field.reference'), t('cli.field.id')];
    const rows = answer.customers.map((one) => [one.name, one.contact, String(one.instances), one.externalReference, one.id]);
    return { json: answer, lines: columns(heads, rows, [2]) };
  },
};

const create: Command = {
  kind: 'call',
  area: 'customers',
  verb: 'create',
  summary: 'cli.customers.create',
  arguments: [{ name: 'name' }],
  options: {
    contact: { type: 'string', value: 'TEXT', summary: 'cli.instances.create.contact' },
    'customer-language': { type: 'string', value: 'en|ru', summary: 'cli.instances.create.language' },
    reference: { type: 'string', value: 'TEXT', summary: 'cli.instances.create.reference' },
  },
  run: async ({ client, typed, t, requestKey }) => {
    const [contact, language, reference] = [
      typed.text('contact'),
      oneOf(typed, 'customer-language', ['en', 'ru']) ?? oneOf(typed, 'language', ['en', 'ru']),
      typed.text('reference'),
    ];
    const customer = await client.customers.create({
      requestKey,
      name: typed.argument('name'),
      ...(contact === undefined ? {} : { contact }),
      ...(language === undefined ? {} : { language }),
      ...(reference === undefined ? {} : { externalReference: reference }),
    });
    const lines = facts([
      [t('cli.field.name'), customer.name],
      [t('cli.field.contact'), customer.contact],
      [t('cli.field.reference'), customer.externalReference],
      [t('cli.field.id'), customer.id],
    ]);
    return { json: { customer }, lines };
  },
};

export const customerCommands: readonly Command[] = [list, create];
