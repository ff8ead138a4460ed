import { spawn } from 'node:child_process';
import type { PortRules, RuledEdge, RuledInstance, RulesKept } from '../listener.ts';

/**
 * Rules by owner (nft(8)): root, the edge and the instance itself reach its port, and nobody else; whoever stole the port answers nobody. An instance
 * opens no connection to this computer but to itself, to the ports for visitors and to a name server, and reaches no address where clouds hand out
 * their keys, but for what its package asked and an owner agreed; the edge opens none but to instances. All in one table of this agent, replaced as
 * a whole. The chain stands at the output, because only there a packet of this computer has an owner; a socket counts as whose user made it, for
 * ever.
 */
const metadata = { ip: '169.254.169.254', ip6: 'fd00:ec2::254' } as const;

const set = (name: string, type: string, elements: readonly (string | number)[]): string =>
  `  set ${name} { ${type}; ${elements.length === 0 ? '' : `elements = { ${elements.join(', ')} }; `}}`;

/** The text that puts the table in the place of the one before it; without instances there is none. */
export function rulesText(table: string, instances: readonly RuledInstance[], openPorts: readonly number[], edge?: RuledEdge): string {
  const gone = `table inet ${table} {}\ndelete table inet ${table}\n`;
  if (instances.length === 0) return gone;
  const opening = 'tcp flags & (syn | ack) == syn';
  const toMetadata = Object.entries(metadata).flatMap(([family, address]) => [
    // The resolver of some clouds has the same address.
    `    meta skuid @users ${family} daddr ${address} udp dport 53 accept`,
    `    meta skuid @users ${family} daddr ${address} tcp dport 53 accept`,
    `    meta skuid @keyed ${family} daddr ${address} accept`,
    `    meta skuid @users ${family} daddr ${address} reject`,
  ]);
  return [
    `${gone}table inet ${table} {`,
    set(
      'ports',
      'type inet_service',
      instances.map(({ port }) => port),
    ),
    set(
      'users',
      'typeof meta skuid',
      instances.map(({ userId }) => userId),
    ),
    set(
      'may',
      'typeof tcp dport . meta skuid',
      instances.flatMap(({ port, userId }) => [0, userId, ...(edge === undefined ? [] : [edge.userId])].map((user) => `${port} . ${user}`)),
    ),
    set(
      'own',
      'typeof meta skuid . tcp dport',
      instances.flatMap(({ port, userId, loopbackPorts }) => [...new Set([port, ...loopbackPorts])].map((own) => `${userId} . ${own}`)),
    ),
    set(
      'keyed',
      'typeof meta skuid',
      instances.flatMap(({ userId, reachesMetadata }) => (reachesMetadata ? [userId] : [])),
    ),
    set('open', 'type inet_service', [...new Set([53, ...openPorts])]),
    ...(edge === undefined ? [] : [set('targets', 'type inet_service', edge.targets)]),
    '  chain out {',
    '    type filter hook output priority 0; policy accept;',
    '    oifname "lo" tcp dport @ports tcp dport . meta skuid != @may reject with tcp reset',
    '    oifname "lo" tcp sport @ports tcp sport . meta skuid != @may drop',
    ...toMetadata,
    `    oifname "lo" meta skuid @users ${opening} tcp dport != @open meta skuid . tcp dport != @own reject with tcp reset`,
    ...(edge === undefined
      ? []
      : [
          `    meta skuid ${edge.userId} ip daddr ${metadata.ip} reject`,
          `    meta skuid ${edge.userId} ip6 daddr ${metadata.ip6} reject`,
          `    oifname "lo" meta skuid ${edge.userId} ${opening} tcp dport != @targets reject with tcp reset`,
        ]),
    '  }',
    '}',
    '',
  ].join('\n');
}

/** Runs `nft -f -`; what it said when it refused. */
function load(text: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (piece: Buffer) => (said = `${said}${piece.toString()}`.slice(0, 500)));
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'failed'));
    child.once('close', (code) => resolve(code === 0 ? undefined : said || 'failed'));
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  });
}

/** The rules of one agent. Each call replaces what was said before; calls follow one another, and the newest wins. */
export function createPortRules(agentKey: string): PortRules {
  const table = `farmstead_${agentKey}`;
  let last: Promise<unknown> = Promise.resolve();
  // An earlier life of this agent may have left them.
  let isThere = true;
  const keep: PortRules['keep'] = async (instances, openPorts, edge): Promise<RulesKept> => {
    if (instances.length === 0 && !isThere) return { isKept: true };
    const problem = await load(rulesText(table, instances, openPorts, edge));
    isThere = problem === undefined && instances.length > 0;
    if (problem === undefined) return { isKept: true };
    return { isKept: false, reason: problem === 'ENOENT' ? 'noProgram' : 'refused', said: problem };
  };
  return {
    keep: (instances, openPorts, edge) => {
      const mine = last.then(() => keep(instances, openPorts, edge));
      last = mine;
      return mine;
    },
  };
}
