import type { ReferenceFound } from '#contract/api/monitoring.ts';
import { sayFailure } from '../../speech.ts';
import { facts } from '../columns.ts';
import type { Call, Command } from '../command.ts';
import { exitCodes } from '../failures.ts';
import { sayOr } from '../job-text.ts';
import { moment } from '../numbers.ts';
import { marked } from '../style.ts';

function foundLines({ t }: Pick<Call, 't'>, found: ReferenceFound): string[] {
  const { page, instance, server, log } = found;
  const says =
    page === undefined
      ? t(`monitoring.found.${found.source === 'core' ? 'core' : 'server'}`)
      : sayOr(t, `monitoring.found.page.${page.kind}`, {}, t('monitoring.found.page.other', { status: page.status }));
  const gone = instance === undefined ? undefined : t('monitoring.found.gone', { id: instance.id });
  return [
    marked(found.source === 'page' ? 'warning' : 'bad', says),
    ...facts([
      [t('cli.field.when'), moment(t, found.atMs)],
      [t('cli.field.instance'), instance?.name ?? gone],
      [t('cli.field.address'), instance?.url ?? page?.host],
      [t('cli.field.server'), server?.name],
      [t('cli.field.job'), found.jobId],
      [t('cli.field.cause'), found.cause],
      [t('cli.field.log'), log === undefined ? undefined : `${log.name}: ${log.line}`],
    ]),
    ...(instance?.name === undefined ? [] : [t('monitoring.found.next', { name: instance.name })]),
  ];
}

const find: Command = {
  kind: 'call',
  area: 'find',
  verb: '',
  summary: 'cli.find',
  arguments: [{ name: 'reference' }],
  run: async (call) => {
    const { client, t, typed } = call;
    const answer = await client.monitoring.find({ reference: typed.argument('reference') });
    const { reference, found, unasked } = answer;
    const away = unasked.map(({ server, failure }) =>
      marked(
        'unknown',
        server === undefined
          ? t('monitoring.found.unread', { why: sayFailure(t, failure) })
          : t('monitoring.found.unasked', { server: server.name, why: sayFailure(t, failure) }),
      ),
    );
    const none = t(unasked.length === 0 ? 'monitoring.found.none' : 'monitoring.found.noneYet', { reference });
    return {
      json: answer,
      lines: [...(found.length === 0 ? [none] : found.flatMap((one) => foundLines(call, one))), ...away],
      ...(found.length === 0 ? { exitCode: exitCodes.notFound } : {}),
    };
  },
};

export const findCommands: readonly Command[] = [find];
