import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepStatements, mostKept } from './kept-statements.ts';

let opened: InstanceType<typeof SqliteDatabase>;
let prepared: string[];
let connection: ReturnType<typeof keepStatements>;

beforeEach(() => {
  opened = new SqliteDatabase(':memory:');
  prepared = [];
  connection = keepStatements({
    prepare: (sql) => {
      prepared.push(sql);
      return opened.prepare(sql);
    },
    close: () => void opened.close(),
  });
  connection.prepare('create table things (id integer primary key, name text)').run([]);
  connection.prepare("insert into things values (1, 'one'), (2, 'two')").run([]);
  prepared.length = 0;
});
afterEach(() => connection.close());

const byId = 'select * from things where id = ?';

test('a statement is prepared once, and answers for each of its parameters', () => {
  expect([1, 2, 3].map((id) => connection.prepare(byId).all([id]))).toEqual([[{ id: 1, name: 'one' }], [{ id: 2, name: 'two' }], []]);
  expect(prepared).toEqual([byId]);
});

test('after a table was changed a statement answers with the columns of now', () => {
  expect(connection.prepare(byId).all([1])).toEqual([{ id: 1, name: 'one' }]);
  connection.prepare('alter table things add column size integer default 7').run([]);
  expect(connection.prepare(byId).all([1])).toEqual([{ id: 1, name: 'one', size: 7 }]);
});

test('whoever reads row by row is not disturbed by another who asks the same', () => {
  const all = 'select * from things order by id';
  const rows = connection.prepare(all).iterate([]);
  expect(rows.next().value).toEqual({ id: 1, name: 'one' });
  expect(connection.prepare(all).all([])).toHaveLength(2);
  expect(rows.next().value).toEqual({ id: 2, name: 'two' });
  expect(rows.next().done).toBe(true);
});

test('of more statements than are kept the one that was not asked for the longest goes', () => {
  const nth = (n: number): string => `select ${n} as n`;
  for (let n = 0; n < mostKept; n += 1) connection.prepare(nth(n));
  connection.prepare(nth(0));
  connection.prepare(nth(mostKept));
  prepared.length = 0;
  for (const n of [0, 2, mostKept - 1, mostKept]) connection.prepare(nth(n));
  expect(prepared).toEqual([]);
  connection.prepare(nth(1));
  expect(prepared).toEqual([nth(1)]);
});
