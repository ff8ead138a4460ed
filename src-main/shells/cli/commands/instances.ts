import { instanceSort, type InstanceView, type LogLine, type LogPiece } from '#contract/api/instances.ts';
import { mark } from '#contract/api/base.ts';
import { nameIn } from '#contract/localized-text.ts';
import { sayLogLine } from '#words/say-log-line.ts';
import { sayFailure } from '../../speech.ts';
import type { Call, Command } from '../command.ts';
import { columns, facts } from '../columns.ts';
import { findInstance, findPackage, findServer } from '../find-objects.ts';
import { UsageError, exitCodes } from '../failures.ts';
import { sayOr } from '../job-text.ts';
import { ago, bytes, moment } from '../numbers.ts';
import { numberOf, oneOf } from '../parse.ts';
import { faint, marked, strong } from '../style.ts';

const area = 'instances';
const name = [{ name: 'name' }] as const;

const stateOf = (call: Pick<Call, 't'>, instance: InstanceView): string =>
  marked(
    instance.condition.mark,
    sayOr(call.t, `instances.state.${instance.condition.code}`, instance.condition.parameters, instance.condition.code),
  );

export function instanceFacts({ t }: Pick<Call, 't'>, instance: InstanceView): string[] {
  const { condition } = instance;
  return [
    `${strong(instance.name)}  ${stateOf({ t }, instance)}`,
    sayOr(t, `instances.state.${condition.code}.says`, condition.parameters, ''),
    ...facts([
      [t('cli.field.address'), instance.url],
      [t('cli.field.customer'), instance.customer?.name],
      [t('cli.field.server'), instance.server?.name],
      [t('cli.field.package'), `${nameIn(t.language, instance.package)} ${instance.package.version}`],
      [t('cli.field.plan'), nameIn(t.language, instance.plan)],
      [t('cli.field.memory'), bytes(t, instance.memoryBytes)],
      [t('cli.field.restarts'), String(instance.restarts)],
      [t('cli.field.created'), moment(t, instance.createdAtMs)],
      [t('cli.field.seen'), ago(t, instance.seenAtMs, Date.now())],
      [t('cli.field.id'), instance.id],
    ]),
  ].filter((line) => line !== '');
}

const list: Command = {
  kind: 'call',
  area,
  verb: 'list',
  summary: 'cli.instances.list',
  options: {
    text: { type: 'string', value: 'TEXT', summary: 'cli.instances.list.text' },
    state: { type: 'string', value: mark.options.join('|'), summary: 'cli.instances.list.state' },
    server: { type: 'string', value: 'NAME', summary: 'cli.instances.list.server' },
    package: { type: 'string', value: 'ID', summary: 'cli.instances.list.package' },
    sort: { type: 'string', value: 'COLUMN', summary: 'cli.instances.list.sort' },
    limit: { type: 'string', value: 'N', summary: 'cli.instances.list.limit' },
    offset: { type: 'string', value: 'N', summary: 'cli.instances.list.offset' },
  },
  run: async (call) => {
    const { client, t, typed } = call;
    const [text, state, server, packageName] = [
      typed.text('text'),
      oneOf(typed, 'state', mark.options),
      typed.text('server'),
      typed.text('package'),
    ];
    const page = await client.instances.query({
      filter: {
        ...(text === undefined ? {} : { text }),
        ...(state === undefined ? {} : { marks: [state] }),
        ...(server === undefined ? {} : { serverId: (await findServer(client, server)).id }),
        ...(packageName === undefined ? {} : { packageId: (await findPackage(client, t.language, packageName)).id }),
      },
      sort: oneOf(typed, 'sort', instanceSort.options) ?? 'name',
      language: t.language,
      limit: numberOf(typed, 'limit', { least: 1, most: 500 }) ?? 100,
      offset: numberOf(typed, 'offset', { least: 0, most: 10_000_000 }) ?? 0,
    });
    if (page.total === 0) return { json: page, lines: [t('cli.instances.none')] };
    const heads = [
      t('cli.field.state'),
      t('cli.field.name'),
      t('cli.field.address'),
      t('cli.field.customer'),
      t('cli.field.server'),
      t('cli.field.plan'),
      t('cli.field.memory'),
    ];
    const rows = page.rows.map((row) => [
      stateOf(call, row),
      row.name,
      row.url,
      row.customer?.name ?? '–',
      row.server?.name ?? '–',
      row.plan.key,
      bytes(t, row.memoryBytes),
    ]);
    const more = page.total > page.offset + page.rows.length;
    return {
      json: page,
      lines: [...columns(heads, rows, [6]), ...(more ? [faint(t('cli.list.more', { shown: page.rows.length, total: page.total }))] : [])],
    };
  },
};

const show: Command = {
  kind: 'call',
  area,
  verb: 'show',
  summary: 'cli.instances.show',
  arguments: name,
  run: async (call) => {
    const found = await findInstance(call.client, call.typed.argument('name'));
    const answer = await call.client.instances.get({ instanceId: found.id });
    return { json: answer, lines: [...instanceFacts(call, answer.instance), ...pathLines(call, answer.road)] };
  },
};

type Path = Awaited<ReturnType<Call['client']['instances']['get']>>['road'];
function pathLines({ t }: Pick<Call, 't'>, path: Path): string[] {
  return path.map((check) => {
    const title = sayOr(t, `instances.road.${check.stone}.title`, {}, check.stone);
    const says = sayOr(t, `instances.road.${check.stone}.says.${check.code}`, check.parameters, check.code);
    return `  ${marked(check.mark, title)}  ${says}${check.checkedAtMs === undefined ? '' : `  ${faint(ago(t, check.checkedAtMs, Date.now()))}`}`;
  });
}

const check: Command = {
  kind: 'call',
  area,
  verb: 'check',
  summary: 'cli.instances.check',
  arguments: name,
  run: async (call) => {
    const found = await findInstance(call.client, call.typed.argument('name'));
    const answer = await call.client.instances.check({ instanceId: found.id, requestKey: call.requestKey });
    const isWhole = answer.road.every((check) => check.mark !== 'bad');
    return {
      json: answer,
      lines: [...instanceFacts(call, answer.instance), ...pathLines(call, answer.road)],
      ...(isWhole ? {} : { exitCode: exitCodes.failed }),
    };
  },
};

const handOver: Command = {
  kind: 'call',
  area,
  verb: 'hand-over',
  summary: 'cli.instances.handOver',
  arguments: name,
  run: async (call) => {
    const found = await findInstance(call.client, call.typed.argument('name'));
    const answer = await call.client.instances.handOver({ instanceId: found.id, requestKey: call.requestKey });
    return { json: { instance: found, url: answer.url, handOver: answer }, lines: handOverLines(call, answer) };
  },
};

type HandOver = Awaited<ReturnType<Call['client']['instances']['handOver']>>;
export function handOverLines({ t }: Pick<Call, 't'>, answer: HandOver): string[] {
  return [
    ...facts([
      [t('cli.field.address'), answer.url],
      [t('cli.field.userName'), answer.userName],
      [t('cli.field.password'), answer.password ?? t('cli.instances.passwordGone')],
    ]),
    t(answer.witness === 'servers' ? 'cli.instances.seenByServers' : 'cli.instances.seenFromHere'),
    ...(answer.needsSiteAuthority ? [t('cli.instances.siteAuthority')] : []),
    '',
    ...answer.letter.split('\n'),
  ];
}

const logText = ({ t }: Pick<Call, 't'>, line: LogLine): string =>
  `${faint(moment(t, line.atMs))}  ${faint(t(`cli.log.${line.stream}`))}  ${sayLogLine(t, line, (failure) => sayFailure(t, failure))}`;

/** The server could not be asked: said once, below what is known without it. */
const awayLines = ({ t }: Pick<Call, 't'>, { away }: LogPiece): string[] =>
  away === undefined ? [] : [`${t('cli.log.away')} ${sayFailure(t, away)}`];

const log: Command = {
  kind: 'call',
  area,
  verb: 'log',
  summary: 'cli.instances.log',
  arguments: name,
  options: {
    lines: { type: 'string', value: 'N', summary: 'cli.instances.log.lines' },
    follow: { type: 'boolean', summary: 'cli.instances.log.follow' },
  },
  run: async (call) => {
    const lines = numberOf(call.typed, 'lines', { least: 1, most: 1000 }) ?? 200;
    const isFollowed = call.typed.has('follow');
    if (isFollowed && call.screen.isJson) throw new UsageError('cli.usage.followJson');
    const found = await findInstance(call.client, call.typed.argument('name'));
    if (!isFollowed) {
      const answer = await call.client.instances.log({ instanceId: found.id, lines });
      return { json: answer, lines: [...answer.lines.map((line) => logText(call, line)), ...awayLines(call, answer)] };
    }
    try {
      let said = '';
      for await (const event of await call.client.instances.followLog({ instanceId: found.id, lines }, { signal: call.signal })) {
        for (const line of event.lines) call.screen.line(logText(call, line));
        const [away = ''] = awayLines(call, event);
        if (away !== said && away !== '') call.screen.line(away);
        said = away;
      }
    } catch (error) {
      // Ctrl-C is how a person ends it.
      if (!call.signal.aborted) throw error;
    }
    return { json: undefined, lines: [] };
  },
};

const checkName: Command = {
  kind: 'call',
  area,
  verb: 'check-name',
  summary: 'cli.instances.checkName',
  arguments: name,
  run: async (call) => {
    const answer = await call.client.instances.checkName({ name: call.typed.argument('name') });
    if (answer.verdict === 'free') return { json: answer, lines: [call.t('cli.instances.free', { label: answer.label, url: answer.url })] };
    const why = sayOr(call.t, `error.${answer.code}`, answer.parameters, answer.code);
    const proposal = answer.proposal === undefined ? [] : [call.t('cli.instances.proposal', { label: answer.proposal })];
    return { json: answer, lines: [why, ...proposal], exitCode: exitCodes.refused };
  },
};

export const instanceCommands: readonly Command[] = [list, show, handOver, check, log, checkName];
