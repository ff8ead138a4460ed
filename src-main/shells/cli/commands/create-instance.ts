import type { ParameterSchema } from '#contract/package-manifest.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { PackageView } from '#contract/api/packages.ts';
import type { Answer, Call, Command } from '../command.ts';
import { findInstance, findPackage, findPlan, findServer } from '../find-objects.ts';
import { followJob } from '../follow-job.ts';
import { exitCodes, UsageError } from '../failures.ts';
import { jobCommand, placementSentences, stoppedJson, stoppedLines } from '../job-text.ts';
import { oneOf } from '../parse.ts';
import { strong } from '../style.ts';
import { handOverLines } from './instances.ts';
import { type AddressName, nameForAddress, refusedName } from './name-for-address.ts';
import { rehearseCreate } from './rehearse-create.ts';

function typedValue(schema: ParameterSchema, text: string): string | number | boolean {
  if (schema.type === 'integer' && /^-?\d+$/.test(text)) return Number(text);
  if (schema.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  // What does not fit its type is refused by the core, with its own words.
  return text;
}

/** `key=value`, the value typed by the package's own schema. Throws `UsageError`. */
function parametersOf(of: PackageView, pairs: readonly string[]): Record<string, string | number | boolean> {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf('=');
    const key = pair.slice(0, at);
    const schema = of.parameters.properties[key];
    if (at < 1) throw new UsageError('cli.usage.pair', { option: '--parameter', word: pair });
    if (schema === undefined)
      throw new UsageError('cli.usage.choice', { option: '--parameter', choices: Object.keys(of.parameters.properties).join(', ') });
    return [key, typedValue(schema, pair.slice(at + 1))] as const;
  });
  return Object.fromEntries(entries);
}

/** Whom it is for: as typed, or the name for people from which the address was made. */
const customerOf = ({ typed }: Call, { isMade }: AddressName): string | undefined =>
  typed.text('customer') ?? (isMade ? typed.text('name') : undefined);

async function rehearse(call: Call, forAddress: AddressName): Promise<Answer> {
  const { client, typed, t } = call;
  const of = await findPackage(client, t.language, typed.text('package'));
  await client.instances.checkParameters({ packageId: of.id, parameters: parametersOf(of, typed.all('parameter')) });
  return rehearseCreate(call, {
    label: forAddress.label,
    inDomain: forAddress.domain,
    of,
    customer: customerOf(call, forAddress),
    reference: typed.text('reference'),
  });
}

async function begin(call: Call, forAddress: AddressName): Promise<JobView> {
  const { client, typed, t } = call;
  const of = await findPackage(client, t.language, typed.text('package'));
  const [plan, server, customer, contact] = [typed.text('plan'), typed.text('server'), customerOf(call, forAddress), typed.text('contact')];
  const [language, reference] = [
    oneOf(typed, 'customer-language', ['en', 'ru']) ?? oneOf(typed, 'language', ['en', 'ru']),
    typed.text('reference'),
  ];
  const labels = typed.all('label');
  return client.instances.create({
    requestKey: call.requestKey,
    name: forAddress.label,
    packageId: of.id,
    ...(forAddress.domain === undefined ? {} : { domainId: forAddress.domain.id }),
    ...(plan === undefined ? {} : { planId: findPlan(of, plan).id }),
    ...(server === undefined ? {} : { serverId: (await findServer(client, server)).id }),
    ...(customer === undefined
      ? {}
      : {
          customer: {
            name: customer,
            ...(contact === undefined ? {} : { contact }),
            ...(language === undefined ? {} : { language }),
            ...(reference === undefined ? {} : { externalReference: reference }),
          },
        }),
    ...(labels.length === 0 ? {} : { labels: [...labels] }),
    parameters: parametersOf(of, typed.all('parameter')),
  });
}

async function run(call: Call): Promise<Answer> {
  const { client, t } = call;
  const name = call.typed.text('name') ?? '';
  const forAddress = await nameForAddress(call, name);
  if (call.typed.has('dry-run')) return rehearse(call, forAddress);
  let begun: JobView;
  try {
    begun = await begin(call, forAddress);
  } catch (error) {
    return refusedName(call, forAddress, error);
  }
  if (call.typed.has('no-wait')) return { json: { job: begun }, lines: [t('cli.job.follow', { command: jobCommand('watch', begun) })] };
  const job = await followJob(call, begun);
  const placement = placementSentences(t, job.placement);
  if (job.state !== 'done') return { json: { ...stoppedJson(t, job), placement }, lines: stoppedLines(t, job), exitCode: exitCodes.failed };
  // by its id: another domain may have the same name
  const instance = await findInstance(client, job.subject.id);
  // A key of its own that follows from the first: the same command again gets the same password again.
  const handOver = await client.instances.handOver({ instanceId: instance.id, requestKey: `${call.requestKey}/hand-over` });
  return {
    json: { job, instance, url: handOver.url, handOver, placement },
    lines: [
      ...(placement.length === 0 ? [] : [strong(t('cli.placement.title')), ...placement.map((sentence) => `  ${sentence}`)]),
      strong(t('cli.instances.created', { name: instance.name })),
      ...handOverLines(call, handOver),
    ],
  };
}

export const createInstance: Command = {
  kind: 'call',
  area: 'instances',
  verb: 'create',
  summary: 'cli.instances.create',
  options: {
    name: { type: 'string', value: 'NAME', summary: 'cli.instances.create.name', isNeeded: true },
    domain: { type: 'string', value: 'NAME', summary: 'cli.instances.create.domain' },
    package: { type: 'string', value: 'ID', summary: 'cli.instances.create.package' },
    plan: { type: 'string', value: 'PLAN', summary: 'cli.instances.create.plan' },
    server: { type: 'string', value: 'NAME', summary: 'cli.instances.create.server' },
    customer: { type: 'string', value: 'NAME', summary: 'cli.instances.create.customer' },
    contact: { type: 'string', value: 'TEXT', summary: 'cli.instances.create.contact' },
    'customer-language': { type: 'string', value: 'en|ru', summary: 'cli.instances.create.language' },
    reference: { type: 'string', value: 'TEXT', summary: 'cli.instances.create.reference' },
    label: { type: 'string', value: 'TEXT', isMany: true, summary: 'cli.instances.create.label' },
    parameter: { type: 'string', value: 'KEY=VALUE', isMany: true, summary: 'cli.instances.create.parameter' },
    'dry-run': { type: 'boolean', summary: 'cli.instances.create.dryRun' },
    'no-wait': { type: 'boolean', summary: 'cli.option.noWait' },
  },
  run,
};
