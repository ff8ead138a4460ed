import type { PackageView } from '#contract/api/packages.ts';
import type { Translate } from '#words/translate.ts';

/** What people usually find there: names of programs, the same in every language. */
const usual: Readonly<Record<number, string>> = {
  1433: 'Microsoft SQL Server',
  3306: 'MySQL',
  5432: 'PostgreSQL',
  5672: 'RabbitMQ',
  6379: 'Redis',
  9200: 'Elasticsearch',
  11211: 'Memcached',
  27017: 'MongoDB',
};

/** What a package asks to reach beside itself, a sentence each. */
export function sayAsks(words: Translate, { loopbackPorts, metadata }: NonNullable<PackageView['network']>): readonly string[] {
  const ports = loopbackPorts.map((port) => words('packages.ask.port', { port: String(port), program: usual[port] ?? 'none' }));
  return [...ports, ...(metadata ? [words('packages.ask.metadata')] : [])];
}
