import { farmErrorFrom } from '#contract/agent/coded-failure.ts';
import type { ServerView } from '#contract/api/servers.ts';
import { serverId } from '#contract/ids.ts';
import { keyWords } from '#words/key-words.ts';
import { sayServerCure } from '#words/say-server.ts';
import type { Call, Command } from '../command.ts';
import { columns, facts } from '../columns.ts';
import { exitCodes } from '../failures.ts';
import { findServer } from '../find-objects.ts';
import { followJob, settledAnswer } from '../follow-job.ts';
import { jobCommand, sayOr } from '../job-text.ts';
import { ago, bytes } from '../numbers.ts';
import { marked, strong } from '../style.ts';
import { sayFailure } from '../../speech.ts';

const area = 'servers';
const name = [{ name: 'name' }] as const;

const stateOf = ({ t }: Pick<Call, 't'>, server: ServerView): string =>
  marked(server.condition.mark, sayOr(t, `servers.state.${server.condition.code}`, server.condition.parameters, server.condition.code));

/** What is wrong with it and what helps, as the window says it. */
function cureLines({ t }: Pick<Call, 't'>, server: ServerView): string[] {
  const cure = sayServerCure(t, server);
  return cure === undefined ? [] : [`${cure.title}. ${cure.says}`];
}

export function serverFacts({ t }: Pick<Call, 't'>, server: ServerView): string[] {
  const simulated = server.isSimulated ? ` (${t('cli.servers.simulated')})` : '';
  return [
    `${strong(server.name)}  ${stateOf({ t }, server)}`,
    ...cureLines({ t }, server),
    ...(server.isEdgeLocal ? [t('servers.page.edgeLocal', { name: server.name })] : []),
    ...facts([
      [t('cli.field.address'), server.address],
      [t('cli.field.publicAddresses'), server.publicAddresses.map((one) => one.address).join(', ')],
      [t('cli.field.system'), `${server.os} ${server.osVersion} ${server.arch}`],
      [t('cli.field.agent'), server.agentVersion],
      [t('cli.field.memory'), `${bytes(t, server.measured?.memoryBytes)} / ${bytes(t, server.capacity.memoryBytes)}${simulated}`],
      [t('cli.field.disk'), `${bytes(t, server.measured?.diskBytes)} / ${bytes(t, server.capacity.diskBytes)}${simulated}`],
      [t('cli.field.instances'), String(server.field.length)],
      [t('cli.field.room'), String(server.room)],
      [t('cli.field.keyWords'), keyWords(server.keyFingerprint).join(' ')],
      [t('cli.field.key'), server.keyFingerprint],
      [t('cli.field.seen'), ago(t, server.seenAtMs, Date.now())],
      [t('cli.field.id'), server.id],
    ]),
  ];
}

/** The core's own view as it came, and beside it the words that the agent shows on the server. */
const documentOf = (server: ServerView) => ({ server, keyWords: keyWords(server.keyFingerprint) });

const list: Command = {
  kind: 'call',
  area,
  verb: 'list',
  summary: 'cli.servers.list',
  run: async ({ client, t }) => {
    const answer = await client.servers.list();
    if (answer.servers.length === 0) return { json: answer, lines: [t('cli.servers.none')] };
    const heads = [
      t('cli.field.state'),
      t('cli.field.name'),
      t('cli.field.address'),
      t('cli.field.instances'),
      t('cli.field.room'),
      t('cli.field.memory'),
      t('cli.field.seen'),
    ];
    const rows = answer.servers.map((server) => [
      stateOf({ t }, server),
      server.name,
      server.address,
      String(server.field.length),
      String(server.room),
      `${bytes(t, server.measured?.memoryBytes)} / ${bytes(t, server.capacity.memoryBytes)}${server.isSimulated ? ` (${t('cli.servers.simulated')})` : ''}`,
      ago(t, server.seenAtMs, Date.now()),
    ]);
    return { json: answer, lines: columns(heads, rows, [3, 4]) };
  },
};

const show: Command = {
  kind: 'call',
  area,
  verb: 'show',
  summary: 'cli.servers.show',
  arguments: name,
  run: async ({ client, typed, t }) => {
    const server = await findServer(client, typed.argument('name'));
    return { json: documentOf(server), lines: serverFacts({ t }, server) };
  },
};

const add: Command = {
  kind: 'call',
  area,
  verb: 'add',
  summary: 'cli.servers.add',
  arguments: [{ name: 'address' }],
  options: {
    code: { type: 'string', value: 'CODE', summary: 'cli.servers.add.code' },
    name: { type: 'string', value: 'NAME', summary: 'cli.servers.add.name' },
    'no-wait': { type: 'boolean', summary: 'cli.option.noWait' },
  },
  run: async (call) => {
    const { client, typed, t, requestKey } = call;
    const code = typed.text('code') ?? (await call.readInput()).trim();
    const wanted = typed.text('name');
    const begun = await client.servers.add({
      address: typed.argument('address'),
      code,
      requestKey,
      ...(wanted === undefined ? {} : { name: wanted }),
    });
    if (typed.has('no-wait')) return { json: { job: begun }, lines: [t('cli.job.follow', { command: jobCommand('watch', begun) })] };
    const job = await followJob(call, begun);
    const failure = job.state === 'undone' && job.failure && farmErrorFrom(job.failure.code, job.failure.parameters);
    // It took itself back: nothing is there, as if it had been refused.
    if (failure) throw failure;
    if (job.state !== 'done') return settledAnswer(call, job, 'done');
    const server = await client.servers.get({ serverId: serverId.parse(job.subject.id) });
    return {
      json: { job, ...documentOf(server) },
      lines: [...serverFacts({ t }, server), t('cli.servers.add.compare'), t('cli.servers.add.differ', { name: server.name })],
    };
  },
};

const check: Command = {
  kind: 'call',
  area,
  verb: 'check',
  summary: 'cli.servers.check',
  arguments: name,
  run: async ({ client, typed, t, requestKey }) => {
    const found = await findServer(client, typed.argument('name'));
    const answer = await client.servers.check({ serverId: found.id, requestKey });
    const why = answer.failure === undefined ? [] : [sayFailure(t, answer.failure)];
    return {
      json: answer,
      lines: [...serverFacts({ t }, answer.server), ...why],
      ...(answer.failure === undefined ? {} : { exitCode: exitCodes.failed }),
    };
  },
};

function drain(verb: 'drain' | 'undrain'): Command {
  return {
    kind: 'call',
    area,
    verb,
    summary: `cli.servers.${verb}`,
    arguments: name,
    run: async ({ client, typed, t, requestKey }) => {
      const found = await findServer(client, typed.argument('name'));
      const server = await client.servers.update({ serverId: found.id, isDraining: verb === 'drain', requestKey });
      return { json: { server }, lines: serverFacts({ t }, server) };
    },
  };
}

const rename: Command = {
  kind: 'call',
  area,
  verb: 'rename',
  summary: 'cli.servers.rename',
  arguments: [{ name: 'name' }, { name: 'new-name' }],
  run: async ({ client, typed, t, requestKey }) => {
    const found = await findServer(client, typed.argument('name'));
    const server = await client.servers.update({ serverId: found.id, name: typed.argument('new-name'), requestKey });
    return { json: { server }, lines: serverFacts({ t }, server) };
  },
};

export const serverCommands: readonly Command[] = [list, show, add, check, drain('drain'), drain('undrain'), rename];
