import { spawn, spawnSync } from 'node:child_process';
import { chooseOs } from '../os/choose-os.ts';

/**
 * Runs alone in a network namespace of its own, as root: puts the rules there, tries every way as every user, and tells what got through. Two
 * instances: 70001 has port 20001, 70002 has 20002. 9999 is root's (a core), 443 an edge, whose workers are 66001. 20003 is an instance without a user.
 */
const listenAs = async (userId: number, port: number, host = '127.0.0.1') => {
  const script = `require('node:http').createServer((q, r) => r.end('served')).listen(${port}, '${host}', () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', script], { uid: userId, gid: userId, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { end: () => new Promise((resolve) => child.once('exit', resolve) && child.kill('SIGKILL')) };
};

/** `served`, or why not. */
const askAs = (userId: number, port: number, host = '127.0.0.1', localPort = 0): string => {
  const script = `const s = require('node:net').connect({ port: ${port}, host: '${host}', localPort: ${localPort} }); s.setTimeout(1500, () => { console.log('silent'); process.exit() });
    s.on('error', (e) => console.log(e.code)); s.on('connect', () => s.write('GET / HTTP/1.0\\r\\n\\r\\n')); s.on('data', (d) => { console.log(String(d).includes('served') ? 'served' : 'odd'); process.exit() });`;
  return spawnSync(process.execPath, ['-e', script], { uid: userId, gid: userId, cwd: '/', encoding: 'utf8' }).stdout.trim();
};

const rules = chooseOs().portRules('test');
const nothing = { loopbackPorts: [], reachesMetadata: false };
const one = { port: 20_001, userId: 70_001, ...nothing };
const two = { port: 20_002, userId: 70_002, ...nothing };
const instances = [one, two];
const workers = { userId: 66_001, targets: [20_001, 20_002, 20_003] };
const told: Record<string, unknown> = {};
const victim = await listenAs(70_001, 20_001);
const held = [
  await listenAs(70_002, 20_002),
  await listenAs(0, 9999),
  await listenAs(0, 20_003),
  await listenAs(0, 443),
  await listenAs(0, 5432),
  await listenAs(0, 5432, '::1'),
  await listenAs(0, 80, '169.254.169.254'),
  await listenAs(0, 80, 'fd00:ec2::254'),
];
told['without rules a neighbour'] = askAs(70_002, 20_001);
told['kept'] = await rules.keep(instances, [443], workers);
told['root to instance'] = askAs(0, 20_001);
told['edge to instance'] = askAs(66_001, 20_001);
told['edge to one without a user'] = askAs(66_001, 20_003);
told['edge to core'] = askAs(66_001, 9999);
told['edge to metadata'] = askAs(66_001, 80, '169.254.169.254');
told['instance to itself'] = askAs(70_001, 20_001);
told['neighbour to instance'] = askAs(70_002, 20_001);
told['somebody to instance'] = askAs(12_345, 20_001);
told['instance to core'] = askAs(70_002, 9999);
told['instance to edge'] = askAs(70_002, 443);
told['somebody to core'] = askAs(12_345, 9999);
told['instance to metadata'] = askAs(70_002, 80, '169.254.169.254');
told['instance to metadata, IPv6'] = askAs(70_002, 80, 'fd00:ec2::254');
told['root to metadata'] = askAs(0, 80, '169.254.169.254');
// Its package asked for a data base at 5432 and for the keys of the cloud, and an owner agreed; what it asked of its neighbour nobody can give it.
told['agreed'] = await rules.keep([one, { ...two, loopbackPorts: [5432, 20_001], reachesMetadata: true }], [443], workers);
told['agreed: to the data base'] = askAs(70_002, 5432);
told['agreed: to the data base, IPv6'] = askAs(70_002, 5432, '::1');
told['agreed: to core'] = askAs(70_002, 9999);
told['agreed: to its neighbour'] = askAs(70_002, 20_001);
told['agreed: to metadata'] = askAs(70_002, 80, '169.254.169.254');
told['agreed: to metadata, IPv6'] = askAs(70_002, 80, 'fd00:ec2::254');
told['neighbour of the agreed: to the data base'] = askAs(70_001, 5432);
told['neighbour of the agreed: to metadata'] = askAs(70_001, 80, '169.254.169.254');
told['taken back'] = await rules.keep(instances, [443], workers);
told['taken back: to the data base'] = askAs(70_002, 5432);
await victim.end();
const thief = await listenAs(70_002, 20_001);
told['edge to thief'] = askAs(66_001, 20_001);
await thief.end();
told['from its own port to core'] = askAs(70_001, 9999, '127.0.0.1', 20_001);
told['one less'] = await rules.keep(instances.slice(1), [443], workers);
told['table'] = spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' }).stdout.trim();
told['none'] = await chooseOs().portRules('test').keep([], [], undefined);
told['tables at the end'] = spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' }).stdout.trim();
for (const listener of held) await listener.end();
process.stdout.write(JSON.stringify(told));
