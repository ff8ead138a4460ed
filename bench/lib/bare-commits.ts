import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

type Bare = { readonly count: number; readonly sizeBytes: number; readonly times: number };

/** How many milliseconds as many transactions of about the same size take, each time, in a bare database in this folder with the same promises. */
export function bareCommits(folder: string, { count, sizeBytes, times }: Bare): number[] {
  const database = new DatabaseSync(join(folder, `bare-${performance.now()}.sqlite`));
  try {
    database.exec('pragma journal_mode = WAL; pragma synchronous = FULL; create table rows (id text primary key, value text)');
    const put = database.prepare('insert or replace into rows values (?, ?)');
    const value = 'x'.repeat(sizeBytes);
    return Array.from({ length: times }, (_, round) => {
      const startedMs = performance.now();
      for (let at = 0; at < count; at += 1) {
        database.exec('begin immediate');
        put.run(`${round}-${at}`, value);
        put.run(`job-${round}`, value);
        database.exec('commit');
      }
      return performance.now() - startedMs;
    });
  } finally {
    database.close();
  }
}
