import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Answer, Call, Command, OptionSpec } from '../command.ts';
import { columns } from '../columns.ts';
import { findCertificate } from '../find-objects.ts';
import { moment } from '../numbers.ts';
import { marked } from '../style.ts';

const area = 'certificates';
const out: OptionSpec = { type: 'string', value: 'FILE', summary: 'cli.certificates.out' };

const list: Command = {
  kind: 'call',
  area,
  verb: 'list',
  summary: 'cli.certificates.list',
  run: async ({ client, t }) => {
    const answer = await client.certificates.list();
    if (answer.certificates.length === 0) return { json: answer, lines: [t('cli.certificates.none')] };
    const heads = [
      t('cli.field.state'),
      t('cli.field.names'),
      t('cli.field.issuer'),
      t('cli.field.ends'),
      t('cli.field.servers'),
      t('cli.field.id'),
    ];
    const rows = answer.certificates.map((one) => [
      marked(one.condition.mark, t(`cli.certificates.state.${one.condition.code}`)),
      t(`cli.certificates.kind.${one.kind}`),
      one.names.join(', '),
      one.issuer,
      moment(t, one.notAfterMs),
      String(one.servers.length),
      one.id,
    ]);
    return { json: answer, lines: columns(heads, rows, [5]) };
  },
};

type File = Awaited<ReturnType<Call['client']['certificates']['siteAuthority']>>;

/** Into the file that was named, else onto standard output as it is. */
async function deliver({ typed, t }: Pick<Call, 'typed' | 't'>, file: File): Promise<Answer> {
  const wanted = typed.text('out');
  if (wanted === undefined) return { json: file, lines: file.text.trimEnd().split('\n') };
  const path = resolve(wanted);
  await writeFile(path, file.text);
  return { json: { ...file, path }, lines: [t('cli.certificates.written', { path })] };
}

const download: Command = {
  kind: 'call',
  area,
  verb: 'download',
  summary: 'cli.certificates.download',
  arguments: [{ name: 'certificate' }],
  options: { out },
  run: async (call) => {
    const found = await findCertificate(call.client, call.typed.argument('certificate'));
    return deliver(call, await call.client.certificates.download({ certificateId: found.id }));
  },
};

const siteAuthority: Command = {
  kind: 'call',
  area,
  verb: 'site-authority',
  summary: 'cli.certificates.siteAuthority',
  options: { out },
  run: async (call) => deliver(call, await call.client.certificates.siteAuthority()),
};

export const certificateCommands: readonly Command[] = [list, download, siteAuthority];
