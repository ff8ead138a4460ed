import type { PackageView } from '#contract/api/packages.ts';
import { nameIn } from '#contract/localized-text.ts';
import type { Call, Command } from '../command.ts';
import { columns } from '../columns.ts';
import { findPackage, findPlan } from '../find-objects.ts';
import { bytes, duration } from '../numbers.ts';
import { marked } from '../style.ts';

function asksOf(t: Call['t'], { id, name, network }: PackageView): string[] {
  if (network === undefined) return [];
  const { loopbackPorts, metadata, isAgreed } = network;
  const what = loopbackPorts.length === 0 ? 'metadata' : metadata ? 'both' : 'ports';
  const asks = { id, name, what, ports: loopbackPorts.join(', '), agreed: isAgreed ? 'yes' : 'no' };
  return [marked(isAgreed ? 'good' : 'warning', t('packages.asks', asks))];
}

const listPackages: Command = {
  kind: 'call',
  area: 'packages',
  verb: 'list',
  summary: 'cli.packages.list',
  run: async ({ client, t }) => {
    const answer = await client.packages.list({ language: t.language });
    const heads = [t('cli.field.id'), t('cli.field.name'), t('cli.field.version'), t('cli.field.plans')];
    const rows = answer.packages.map((one) => [one.id, one.name, one.version, one.plans.map((plan) => plan.key).join(', ')]);
    return { json: answer, lines: [...columns(heads, rows), ...answer.packages.flatMap((one) => asksOf(t, one))] };
  },
};

/** What the package asks at this moment is agreed, or nothing any more; the answer says which. */
const agreement = (verb: 'agree' | 'withdraw'): Command => ({
  kind: 'call',
  area: 'packages',
  verb,
  summary: `cli.packages.${verb}`,
  arguments: [{ name: 'package' }],
  run: async ({ client, typed, t, requestKey }) => {
    const asking = await findPackage(client, t.language, typed.argument('package'));
    const { id, name, network } = asking;
    const { loopbackPorts, metadata } = network === undefined || verb === 'withdraw' ? { loopbackPorts: [], metadata: false } : network;
    const agreed = await client.packages.agree({ packageId: id, loopbackPorts, metadata, requestKey });
    const json = { packageId: id, agreed };
    if (network === undefined) return { json, lines: [t('packages.asksNothing', { name })] };
    if (verb === 'withdraw') return { json, lines: [t('packages.withdrawn', { name })] };
    const isAgreed = loopbackPorts.every((port) => agreed.loopbackPorts.includes(port)) && metadata === agreed.metadata;
    return { json, lines: asksOf(t, { ...asking, network: { ...network, isAgreed } }) };
  },
});

const listPlans: Command = {
  kind: 'call',
  area: 'plans',
  verb: 'list',
  summary: 'cli.plans.list',
  options: { package: { type: 'string', value: 'ID', summary: 'cli.instances.list.package' } },
  run: async ({ client, typed, t }) => {
    const wanted = typed.text('package');
    const answer = await client.plans.list(wanted === undefined ? {} : { packageId: (await findPackage(client, t.language, wanted)).id });
    const heads = [
      t('cli.field.plan'),
      t('cli.field.name'),
      t('cli.field.package'),
      t('cli.field.memory'),
      t('cli.field.cores'),
      t('cli.field.disk'),
    ];
    const number = new Intl.NumberFormat(t.language, { maximumFractionDigits: 2 });
    const rows = answer.plans.map((plan) => [
      plan.key,
      nameIn(t.language, plan),
      plan.packageId,
      bytes(t, plan.limits.memoryBytes),
      number.format(plan.limits.cpuMillicores / 1000),
      bytes(t, plan.limits.diskBytes),
    ]);
    return { json: answer, lines: [...columns(heads, rows, [3, 4, 5]), t('cli.plans.limits')] };
  },
};

const propose: Command = {
  kind: 'call',
  area: 'placement',
  verb: 'propose',
  summary: 'cli.placement.propose',
  options: {
    package: { type: 'string', value: 'ID', summary: 'cli.instances.create.package' },
    plan: { type: 'string', value: 'PLAN', summary: 'cli.instances.create.plan' },
  },
  run: async ({ client, typed, t }) => {
    const of = await findPackage(client, t.language, typed.text('package'));
    const wanted = typed.text('plan');
    const plan = wanted === undefined ? of.plans[0] : findPlan(of, wanted);
    const answer = await client.placement.propose({ packageId: of.id, planId: plan?.id ?? findPlan(of, '').id });
    const marks = { best: 'good', good: 'good', fits: 'warning', refused: 'unknown' } as const;
    const sentences = answer.candidates.map((one) => ({ ...one, sentence: t.say(`placement.reason.${one.reason.code}`, one.reason) }));
    const usually = answer.usuallyMs === undefined ? [] : [t('cli.placement.usually', { time: duration(t, answer.usuallyMs) })];
    return {
      json: { ...answer, candidates: sentences },
      lines: [...sentences.map((one) => `${marked(marks[one.verdict], one.serverName)}  ${one.sentence}`), ...usually],
    };
  },
};

export const catalogueCommands: readonly Command[] = [listPackages, agreement('agree'), agreement('withdraw'), listPlans, propose];
