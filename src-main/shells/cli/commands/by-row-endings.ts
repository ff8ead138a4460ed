import type { JobView } from '#contract/api/jobs.ts';
import { type AskedOf, type ByRowType, jobCatalogue, type JobSubjectKind } from '#contract/catalogue/jobs.ts';
import { FarmError } from '#contract/errors.ts';
import { untoldCodes } from '#contract/untold-codes.ts';
import type { Answer, Call } from '../command.ts';
import { exitCodes } from '../failures.ts';
import { findCertificate, findDomain, findInstance, findServer, findServerToRemove } from '../find-objects.ts';
import { settledAnswer } from '../follow-job.ts';
import { sayOr, stoppedJson, stoppedLines, leftoverLines } from '../job-text.ts';
import { domainLines } from './domains.ts';
import { instanceFacts } from './instances.ts';
import { serverFacts } from './servers.ts';

/** The object that a command is about, as it was before. */
export type Found = {
  readonly id: string;
  readonly name: string;
  readonly isDefault?: boolean;
  readonly publicAddresses?: readonly { readonly address: string }[];
};
type Ending = (call: Call, job: JobView, found: Found) => Promise<Answer>;
/** Where a command is more than its row says. */
type Special<T extends ByRowType> = {
  /** Another way to the object than by its name or id. */
  readonly find?: (call: Call, nameOrId: string) => Promise<Found>;
  /** What is meant where it was not typed. */
  readonly fill?: (call: Call, found: Found) => Partial<AskedOf<T>>;
  /** What is said at its end. */
  readonly ending?: Ending;
};

/** One that did not end well is told as it stands; of one that did there is more to say. */
const whereDone =
  (say: Ending): Ending =>
  async (call, job, found) =>
    job.state === 'done' ? say(call, job, found) : settledAnswer(call, job, 'done');

/** The object as it is afterwards. */
const asItIs: Readonly<Record<JobSubjectKind, Ending>> = {
  /** Also where its job failed: it may run all the same. */
  instance: async (call, job, found) => {
    const instance = await findInstance(call.client, found.id);
    const facts = instanceFacts(call, instance);
    if (job.state === 'done') return { json: { job, instance }, lines: facts };
    const lines = [...stoppedLines(call.t, job), ...facts];
    return { json: { ...stoppedJson(call.t, job), instance }, lines, exitCode: exitCodes.failed };
  },
  server: whereDone(async (call, job, found) => {
    const server = await findServer(call.client, found.id);
    return { json: { job, server }, lines: serverFacts(call, server) };
  }),
  domain: whereDone(async (call, job, found) => {
    const domain = await findDomain(call.client, found.id);
    return { json: { job, domain }, lines: domainLines(call, [domain]) };
  }),
  certificate: whereDone(async ({ t }, job) => ({ json: { job }, lines: [said(t, job), ...leftoverLines(t, job)] })),
};
const said = (t: Call['t'], { type, subject }: JobView): string => sayOr(t, `jobs.type.${type}.done`, { name: subject.name }, type);
/** What has gone, with its proof. */
const gone = whereDone(async ({ t }, job) => ({ json: { job, proof: job.traces }, lines: [said(t, job), ...leftoverLines(t, job)] }));

const specials: { readonly [T in ByRowType]?: Special<T> } = {
  remove: {
    ending: whereDone(async ({ t }, job, { name }) => ({
      json: { job, proof: job.traces },
      lines: [t('cli.instances.removed', { name }), ...leftoverLines(t, job)],
    })),
  },
  'remove-domain': {
    ending: whereDone(async ({ client, t }, job, { name, isDefault }) => {
      const successor = isDefault === true ? (await client.domains.list()).domains.find((one) => one.isDefault) : undefined;
      const successorLines = successor === undefined ? [] : [t('cli.domains.removed.successor', { domain: successor.name })];
      return {
        json: { job, proof: job.traces, ...(successor === undefined ? {} : { newDefault: successor.name }) },
        lines: [t('cli.domains.removed', { name }), ...successorLines, ...leftoverLines(t, job)],
      };
    }),
  },
  'keep-wildcard': {
    ending: whereDone(async ({ client, t }, job, { name }) => {
      const domain = await findDomain(client, name);
      const server = domain.wildcard?.serverName ?? '';
      return { json: { job, domain }, lines: [t('cli.domains.wildcard.kept', { domain: name, server })] };
    }),
  },
  'drop-wildcard': {
    ending: whereDone(async ({ client, t }, job, { name }) => ({
      json: { job, domain: await findDomain(client, name) },
      lines: [t('cli.domains.wildcard.dropped', { domain: name })],
    })),
  },
  'renew-certificate': {
    // people know it by one of its names
    find: async ({ client }, wanted) => {
      const { certificates } = await client.certificates.list();
      const isMeant = (names: readonly string[]): boolean => names.includes(wanted.toLowerCase());
      // the site authority names the same domains
      const wildcard = certificates.find(({ kind, names }) => kind === 'test-wildcard' && isMeant(names));
      const { id, kind, names } = wildcard ?? (await findCertificate(client, wanted));
      const { domains } = await client.domains.list();
      const domain = kind === 'test-wildcard' ? domains.find(({ name }) => names.includes(`*.${name}`)) : undefined;
      if (domain === undefined) throw new FarmError('NOT_FOUND', { kind: 'certificate', name: id });
      return domain;
    },
    ending: whereDone(async ({ t }, job) => ({
      json: { job },
      lines: [t('cli.certificates.renewed', { name: job.subject.name }), ...leftoverLines(t, job)],
    })),
  },
  'remove-server': {
    find: ({ client, typed }, wanted) => findServerToRemove(client, wanted, typed.has('give-up')),
    ending: async (call, job, { name }) => {
      const { t } = call;
      const proof = { job, proof: job.traces };
      if (job.type === 'join-server' && job.state === 'undone') return { json: proof, lines: leftoverLines(t, job) };
      if (job.state !== 'done') {
        const answer = settledAnswer(call, job, 'done');
        const isUntold = job.failure !== undefined && untoldCodes.includes(job.failure.code);
        return isUntold ? { ...answer, lines: [...answer.lines, t('cli.servers.remove.untold', { name })] } : answer;
      }
      const isAgentTold = !job.traces.some(({ code, parameters }) => code === 'membership-unasked' && parameters.told === 'no');
      return {
        json: { ...proof, isAgentTold },
        lines: [t(isAgentTold ? 'cli.servers.removed' : 'cli.servers.removedUntold', { name }), ...leftoverLines(t, job)],
      };
    },
  },
  'address-server': {
    fill: ({ typed }, { publicAddresses = [] }) =>
      typed.all('address').length > 0 ? {} : { publicAddresses: publicAddresses.map(({ address }) => address) },
  },
};

export const specialOf = (type: ByRowType): Special<ByRowType> => specials[type] ?? {};

/** What is said at the end of a job of this type. */
export function endingOf(type: ByRowType): Ending {
  const { aim, subject } = jobCatalogue[type];
  return specialOf(type).ending ?? (aim === 'takes-away' ? gone : asItIs[subject]);
}
