import { cpSync, renameSync, rmSync } from 'node:fs';

// Copied beside and renamed: a set-up that is killed leaves no half site behind.
const [from, to] = process.argv.slice(2);
const unfinished = `${to}.new`;
rmSync(unfinished, { recursive: true, force: true });
cpSync(from, unfinished, { recursive: true });
rmSync(to, { recursive: true, force: true });
renameSync(unfinished, to);
