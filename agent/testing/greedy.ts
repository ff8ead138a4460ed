/** A tiny web application that takes, when it is asked to, all that it can get. */
export const greedySource = `
const { createServer } = require('node:http');
const { openSync, closeSync, writeFileSync, mkdirSync, writeSync } = require('node:fs');
const { spawn, spawnSync, execFileSync } = require('node:child_process');
if (process.argv[2] === 'set-up') { writeFileSync('made', 'x'); process.exit(0); }
const kept = [];
const eat = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(4e6, 1)), 2)';
const codeOf = (act) => { try { return act(); } catch (error) { return error.code; } };
let number = 0;
// As fast as it can, whoever asks it to end.
const pour = 'const { writeFileSync } = require("node:fs"); process.on("SIGTERM", () => undefined); const piece = Buffer.alloc(8 << 20, 1); let number = 0; const more = () => { try { writeFileSync(process.argv[1] + number++, piece); } catch {} setImmediate(more); }; more()';
const connect = 'const say = (word) => { console.log(word); process.exit(); }; require("node:net").connect(Number(process.argv[1]), "127.0.0.1").on("connect", () => say("reached")).on("error", ({ code }) => say(code))';
const acts = {
  '/eat': () => { setInterval(() => kept.push(Buffer.alloc(4e6, 1)), 2); return 'eats'; },
  '/eat-heap': () => { setInterval(() => { for (let i = 0; i < 50000; i++) kept.push({ i, a: [i, i] }); }, 1); return 'eats'; },
  '/eat-child': () => { spawn(process.execPath, ['-e', eat], { stdio: 'ignore' }); return 'child eats'; },
  // A shell that cannot fork gives up: another one takes its place.
  '/fork': () => { const bomb = () => codeOf(() => spawn('/bin/sh', ['-c', 'bomb() { bomb | bomb & bomb | bomb; }; bomb'], { stdio: 'ignore' }).on('error', () => undefined)); bomb(); setInterval(bomb, 20); return 'forks'; },
  '/litter': () => { for (const folder of [require('node:os').tmpdir(), '/tmp', '/dev/shm']) writeFileSync(folder + '/farm-litter-' + process.pid, 'x'); return require('node:os').tmpdir(); },
  '/spawn': () => { for (let i = 0; i < 5; i++) spawn('/bin/sleep', ['60'], { stdio: 'ignore' }); return 'spawned'; },
  '/open': () => { const code = codeOf(() => { for (;;) kept.push(openSync('made', 'r')); }); const opened = kept.splice(0); opened.forEach(closeSync); return code + ' ' + opened.length; },
  '/open-all': () => { setInterval(() => codeOf(() => { for (;;) kept.push(openSync('made', 'r')); }), 5); return 'opens'; },
  '/big-file': () => codeOf(() => { const file = openSync('big', 'w'); const piece = Buffer.alloc(1 << 20); for (let i = 0; i < 4096; i++) writeSync(file, piece); return 'written'; }),
  '/fill': () => { mkdirSync('filled', { recursive: true }); setInterval(() => { for (let i = 0; i < 4; i++) codeOf(() => writeFileSync('filled/' + number++, Buffer.alloc(8 << 20, 1))); }, 20); return 'fills'; },
  '/leave': () => { execFileSync('/bin/sh', ['-c', 'exec setsid env -i /bin/sleep 1000 >/dev/null 2>&1 </dev/null &']); return 'left'; },
  '/reach': (port) => spawnSync(process.execPath, ['-e', connect, port], { encoding: 'utf8' }).stdout.trim(),
  '/pour': () => { mkdirSync('filled', { recursive: true }); for (const part of ['a', 'b', 'c']) spawn(process.execPath, ['-e', pour, 'filled/' + part], { stdio: 'ignore' }); return 'pours'; },
  '/pour-tmp': () => { mkdirSync('/tmp/farm-poured-' + process.pid); spawn(process.execPath, ['-e', pour, '/tmp/farm-poured-' + process.pid + '/a'], { stdio: 'ignore' }); return 'pours'; },
  '/pour-brief': () => { mkdirSync('filled', { recursive: true }); spawn('/bin/sh', ['-c', 'n=0; while :; do n=$((n+1)); head -c 8388608 /dev/zero > filled/$n; done'], { stdio: 'ignore' }); return 'pours'; },
  '/spin': () => { for (let i = 0; i < 12; i++) spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }); return 'spins'; },
  '/flood': () => { setInterval(() => { for (let i = 0; i < 300; i++) console.log('y'.repeat(2000)); }, 2); return 'floods'; },
};
createServer(({ url }, response) => { const [path, more] = url.split('?'); response.end(acts[path] ? String(acts[path](more)) : 'ok'); }).listen(Number(process.env.PORT), process.env.HOST);
`;
