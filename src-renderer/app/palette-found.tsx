import type { InstanceView } from '#contract/api/instances.ts';
import { goTo, paths } from '../lib/go-to.ts';
import { jobTitle, sayCode } from '../lib/say-job.ts';
import { useQuery } from '../lib/use-query.ts';
import { useWords } from '../lib/use-words.ts';
import { selectJobs, selectServers, useSnapshot } from '../stores/snapshot.ts';
import { matchRanges } from '../ui/palette-keys.ts';
import type { PaletteGroup, PaletteItem } from '../ui/palette.tsx';
import { StateChip } from '../ui/state-chip.tsx';
import { useReferenceItems } from './palette-reference.ts';

const MOST_OF_A_KIND = 4;
const FRESH_MS = 30_000;

/** Good is quiet: whom it is for. What is not well says its state instead. */
function InstanceNote({ instance }: { instance: InstanceView }) {
  const words = useWords();
  const { mark, code, parameters } = instance.condition;
  if (mark === 'good') return instance.customer?.name;
  return (
    <StateChip look="small" state={mark}>
      {sayCode(words, `instances.state.${code}`, parameters) ?? words(`common.state.${mark}`)}
    </StateChip>
  );
}

/** Where a whole reference leads, then objects whose names match: instances as the core found them, then servers, jobs, domains and certificates. */
export function useFound(query: string, instances: readonly InstanceView[]): PaletteGroup {
  const words = useWords();
  const servers = useSnapshot(selectServers);
  const jobs = useSnapshot(selectJobs);
  const domains = useQuery('domains.list', (core) => core.domains.list(), { freshMs: FRESH_MS });
  const certificates = useQuery('certificates.list', (core) => core.certificates.list(), { freshMs: FRESH_MS });
  const references = useReferenceItems(query);
  const isAsked = query.trim() !== '';
  const narrow = (items: readonly PaletteItem[]): readonly PaletteItem[] =>
    isAsked ? items.filter((item) => matchRanges(query, item.text) !== null).slice(0, MOST_OF_A_KIND) : [];
  const items: PaletteItem[] = [
    ...references,
    ...instances.map((instance) => ({
      id: `instance-${instance.id}`,
      icon: 'layers' as const,
      text: instance.name,
      note: <InstanceNote instance={instance} />,
      onRun: () => goTo(paths.instance(instance.name)),
    })),
    ...narrow(
      servers.map((server) => ({
        id: `server-${server.id}`,
        icon: 'server',
        text: server.name,
        note: words('common.palette.server', { count: server.field.length }),
        onRun: () => goTo(paths.server(server.name)),
      })),
    ),
    ...narrow(
      jobs.map((job) => ({
        id: `job-${job.id}`,
        icon: 'list-checks',
        text: jobTitle(words, job),
        note: sayCode(words, `jobs.state.${job.state}`) ?? '',
        onRun: () => goTo(paths.job(job.id)),
      })),
    ),
    ...narrow(
      (domains.data?.domains ?? []).map((domain) => ({
        id: `domain-${domain.id}`,
        icon: 'globe',
        text: domain.name,
        note: words('common.palette.domain'),
        onRun: () => goTo(paths.domains),
      })),
    ),
    ...narrow(
      (certificates.data?.certificates ?? []).map((certificate) => ({
        id: `certificate-${certificate.id}`,
        icon: 'shield-check',
        text: certificate.names.join(', '),
        note: words('common.palette.certificate'),
        onRun: () => goTo(paths.certificates),
      })),
    ),
  ];
  return { id: 'found', title: words('common.palette.found'), items };
}
