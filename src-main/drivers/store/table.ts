import { mapInSlices } from '#kit/in-slices.ts';
import type { Patch, Table, Where } from '../../ports/store.ts';
import { columnName, fromCell, toCell, type Cell, type CellRow, type ColumnKind, type TableShape } from './columns.ts';
import type { Database } from './migrate.ts';

/** Lets the event loop go on between slices of a long answer, where the turn took its time. */
export type Pause = () => Promise<void>;
/** Runs one query of one table; translates its failure and refuses a call that could never end. */
export type Run = <Result>(table: string, query: (database: Database, pause: Pause) => Promise<Result>) => Promise<Result>;

/** Rows that are read out of their cells in one go; one costs some 20 µs (November 2026). */
export const rowsPerSlice = 50;

/** SQLite takes 32,766 parameters in one query, PostgreSQL 65,535; both far above this. */
const mostValues = 5_000;

/** A row type as entries, its kinds no longer tied to the properties. */
export function columnEntries<Row>(shape: TableShape<Row>): readonly (readonly [property: string, kind: ColumnKind])[] {
  return Object.entries<ColumnKind>(shape.columns);
}

export function rowToCells<Row extends object>(shape: TableShape<Row>, row: Row): CellRow {
  const cells: CellRow = {};
  const values = new Map<string, unknown>(Object.entries(row));
  for (const [property, kind] of columnEntries(shape)) {
    cells[columnName(property)] = toCell(`${shape.table}.${property}`, kind, values.get(property));
  }
  for (const [column, derive] of Object.entries(shape.derived ?? {})) {
    cells[column] = derive(row);
  }
  return cells;
}

/** Only the cells of a change. Columns that are made of a whole row cannot be kept right by a part of it. */
function changeToCells<Row>(shape: TableShape<Row>, change: object): CellRow {
  if (shape.derived !== undefined) throw new TypeError(`${shape.table} has derived columns and cannot be patched`);
  const kinds = new Map(columnEntries(shape));
  const cells: CellRow = {};
  for (const [property, value] of Object.entries(change)) {
    const kind = kinds.get(property);
    if (kind === undefined || property === 'id') throw new TypeError(`${shape.table}.${property} cannot be patched`);
    if (value !== undefined) cells[columnName(property)] = toCell(`${shape.table}.${property}`, kind, value);
  }
  return cells;
}

export function cellsToRow<Row>(shape: TableShape<Row>, cells: Readonly<CellRow>): Row {
  const row: Record<string, unknown> = {};
  for (const [property, kind] of columnEntries(shape)) {
    row[property] = fromCell(kind, cells[columnName(property)] ?? null);
  }
  // The columns were checked against the row type when the shape was compiled, and only we write to the database.
  return row as Row;
}

/** The rows of a long answer: a thousand of them hold up nobody. */
export function cellsToRows<Row>(shape: TableShape<Row>, all: readonly Readonly<CellRow>[], pause: Pause): Promise<Row[]> {
  return mapInSlices(all, rowsPerSlice, pause, (cells) => cellsToRow(shape, cells));
}

type Condition = { readonly column: string; readonly cells: readonly Cell[] };

function conditions<Row>(shape: TableShape<Row>, where: Readonly<Record<string, unknown>>): readonly Condition[] {
  const kinds = new Map(columnEntries(shape));
  return Object.entries(where)
    .filter(([, wanted]) => wanted !== undefined)
    .map(([property, wanted]) => {
      const kind = kinds.get(property);
      if (kind === undefined || kind === 'json') {
        throw new TypeError(`${shape.table}.${property} cannot be searched`);
      }
      const values: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
      return { column: columnName(property), cells: values.map((value) => toCell(`${shape.table}.${property}`, kind, value)) };
    });
}

/** Lists too long for one query are cut; only the longest condition is, so that no row comes twice. */
function inPieces(all: readonly Condition[]): readonly (readonly Condition[])[] {
  const longest = all.reduce<Condition | undefined>((best, one) => (best && best.cells.length >= one.cells.length ? best : one), undefined);
  if (longest === undefined || longest.cells.length <= mostValues) {
    return [all];
  }
  const cells = [...new Set(longest.cells)];
  const pieces: (readonly Condition[])[] = [];
  for (let start = 0; start < cells.length; start += mostValues) {
    pieces.push(all.map((one) => (one === longest ? { column: one.column, cells: cells.slice(start, start + mostValues) } : one)));
  }
  return pieces;
}

async function select(database: Database, table: string, all: readonly Condition[]): Promise<readonly CellRow[]> {
  let query = database.selectFrom(table).selectAll();
  for (const { column, cells } of all) {
    const values = cells.filter((cell) => cell !== null);
    const isNullWanted = values.length < cells.length;
    query = query.where((expression) => {
      const isValue =
        values.length === 1 && values[0] !== undefined ? expression(column, '=', values[0]) : expression(column, 'in', values);
      if (values.length === 0) {
        return expression(column, 'is', null);
      }
      return isNullWanted ? expression.or([isValue, expression(column, 'is', null)]) : isValue;
    });
  }
  return await query.execute();
}

const byId = (left: { readonly id: string }, right: { readonly id: string }): number =>
  left.id < right.id ? -1 : left.id > right.id ? 1 : 0;

/** One table of the port on any database. Rows come in the order of their ids, which is the same on every database only when sorted here. */
export function createTable<Row extends { readonly id: string }>(shape: TableShape<Row>, run: Run): Table<Row> {
  const { table } = shape;
  return {
    get: (id) =>
      run(table, async (database) => {
        const cells = await database.selectFrom(table).selectAll().where('id', '=', id).executeTakeFirst();
        return cells === undefined ? undefined : cellsToRow(shape, cells);
      }),
    find: (where: Where<Row> = {}) =>
      run(table, async (database, pause) => {
        const wanted = conditions(shape, where);
        if (wanted.some((condition) => condition.cells.length === 0)) {
          return [];
        }
        const found: CellRow[] = [];
        for (const piece of inPieces(wanted)) {
          for (const cells of await select(database, table, piece)) found.push(cells);
        }
        return (await cellsToRows(shape, found, pause)).sort(byId);
      }),
    insert: (row) =>
      run(table, async (database) => {
        await database.insertInto(table).values(rowToCells(shape, row)).execute();
      }),
    put: (row) =>
      run(table, async (database) => {
        const { id, ...rest } = rowToCells(shape, row);
        await database
          .insertInto(table)
          .values({ id: id ?? null, ...rest })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
          .execute();
      }),
    patch: (id, change: Patch<Row>) =>
      run(table, async (database) => {
        const cells = changeToCells(shape, change);
        const query =
          Object.keys(cells).length === 0 ? undefined : database.updateTable(table).set(cells).where('id', '=', id).returningAll();
        const after = await (query ?? database.selectFrom(table).selectAll().where('id', '=', id)).executeTakeFirst();
        return after === undefined ? undefined : cellsToRow(shape, after);
      }),
    remove: (id) =>
      run(table, async (database) => {
        await database.deleteFrom(table).where('id', '=', id).execute();
      }),
  };
}
