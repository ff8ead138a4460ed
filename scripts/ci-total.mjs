import { readCounts, readFailures, totalLine } from './lib/reports.mjs';

// The last line of `.ci/run`, from what the runners themselves reported. Names of reports are the parameters.
const counts = process.argv.slice(2).map(readCounts);
for (const name of process.argv.slice(2)) for (const line of readFailures(name)) process.stdout.write(`failed: ${line}\n`);
for (const one of counts) process.stdout.write(`${one.name}: ${totalLine([one])}\n`);
process.stdout.write(`${totalLine(counts)}\n`);
process.exitCode = counts.some(({ failed }) => failed > 0) ? 1 : 0;
