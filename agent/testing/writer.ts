/**
 * A tiny application that acknowledges a write before it has written, as TiddlyWiki does: what was put is written one after another, some
 * milliseconds each, and a second version of the same note only a second after the first. It ends at once when it is asked to.
 */
export const writerSource = `
const { createServer } = require('node:http');
const { mkdirSync, writeFileSync } = require('node:fs');
const { writeFile } = require('node:fs/promises');
if (process.argv[2] === 'set-up') { mkdirSync('notes'); writeFileSync('made', ''); process.exit(0); }
const notes = new Map();
const savedAt = new Map();
async function save() {
  for (;;) {
    const name = [...notes.keys()].find((one) => Date.now() - (savedAt.get(one) || 0) > 1000);
    await new Promise((done) => setTimeout(done, name === undefined ? 20 : 4));
    if (name === undefined) continue;
    // What it says by now: a newer version may have come meanwhile.
    const text = notes.get(name);
    notes.delete(name);
    await writeFile('notes/' + name, text);
    savedAt.set(name, Date.now());
  }
}
save();
createServer((request, response) => {
  if (request.url === '/stream') { response.writeHead(200, { 'content-type': 'text/event-stream' }); response.write('data: one\\n\\n'); return; }
  if (request.url === '/never') return;
  if (request.method !== 'PUT') return response.end('ok');
  let text = '';
  request.on('data', (piece) => { text += piece; });
  request.on('end', () => { notes.set(request.url.slice(1), text); response.writeHead(204); response.end(); });
}).listen(Number(process.env.PORT), process.env.HOST);
`;
