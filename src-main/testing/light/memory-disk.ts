import { FarmError } from '#contract/errors.ts';
import { type ColumnKind, fromCell, type TableShape, toCell } from '../../drivers/store/columns.ts';
import { columnEntries } from '../../drivers/store/table.ts';
import * as shapes from '../../drivers/store/tables.ts';

/** What must be unique beside the id, as the migrations say it. */
const uniqueColumns: Readonly<Record<string, readonly (readonly string[])[]>> = {
  servers: [
    ['farmId', 'keyFingerprint'],
    ['farmId', 'name'],
  ],
  instances: [['farmId', 'domainId', 'name']],
  plans: [['farmId', 'packageId', 'key']],
  domains: [['farmId', 'name']],
  jobs: [['farmId', 'requestKey', 'actor']],
  alerts: [['farmId', 'code', 'subjectId']],
};
/** What is unique among rows in which this column is null, and no others. */
const uniqueWhereNull: Readonly<Record<string, string>> = { alerts: 'closedAtMs' };

/** What JSON would give back, without writing it: what is undefined is lost. What was kept before is shared. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return Object.freeze(value.map((one) => plain(one) ?? null));
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) if (inner !== undefined) copy[key] = plain(inner);
  return Object.freeze(copy);
}

/** A row as the store gives it back: what has no column is lost, and nobody changes it in place. */
export type Kept = Readonly<Record<string, unknown>> & { readonly id: string };

/** The rows of one table by their keys. What was there before each write goes to `note`, so that a transaction can be taken back. */
export function createRows<Row extends object>(shape: TableShape<Row>, keyOf: (row: Row) => string) {
  let rows = new Map<string, Kept>();
  /** Who has what must be unique, by its constraint and values. */
  let owners = new Map<string, string>();
  const unique = uniqueColumns[shape.table] ?? [];
  const kinds: readonly (readonly [string, ColumnKind])[] = columnEntries(shape);
  const nullColumn = uniqueWhereNull[shape.table];
  const claimsOf = (row: Kept): string[] =>
    nullColumn !== undefined && row[nullColumn] !== null
      ? []
      : unique.map((columns, at) => JSON.stringify([at, ...columns.map((name) => row[name])]));
  /** Each value through its cell, so that what no column takes is refused here too. */
  const keptOf = (row: object): Kept => {
    const values: Readonly<Record<string, unknown>> = { ...row };
    const kept: Record<string, unknown> = {};
    for (const [property, kind] of kinds) {
      kept[property] = kind === 'json' ? plain(values[property]) : fromCell(kind, toCell(property, kind, values[property]));
    }
    // Every shape is of a row with an id, but that of samples, which nobody sorts by it.
    return Object.freeze(kept) as Kept;
  };
  const set = (key: string, kept: Kept): void => {
    drop(key);
    rows.set(key, kept);
    for (const claim of claimsOf(kept)) owners.set(claim, key);
  };
  const drop = (key: string): void => {
    const before = rows.get(key);
    if (before === undefined) return;
    rows.delete(key);
    for (const claim of claimsOf(before)) owners.delete(claim);
  };
  const isTaken = (key: string, row: Kept): boolean => claimsOf(row).some((claim) => (owners.get(claim) ?? key) !== key);
  return {
    shape,
    get: (key: string): Row | undefined => rows.get(key) as Row | undefined,
    /** Throws `STORE_CONFLICT`, and a bug for a value that no column takes. */
    write: (row: Row, isNew: boolean, note: (takeBack: () => void) => void): void => {
      const kept = keptOf(row);
      const key = keyOf(row);
      const before = rows.get(key);
      if ((isNew && before !== undefined) || isTaken(key, kept)) throw new FarmError('STORE_CONFLICT', { table: shape.table });
      set(key, kept);
      note(() => (before === undefined ? drop(key) : set(key, before)));
    },
    remove: (key: string, note: (takeBack: () => void) => void): void => {
      const before = rows.get(key);
      if (before === undefined) return;
      drop(key);
      note(() => set(key, before));
    },
    find: (where: Readonly<Record<string, unknown>>): Row[] => {
      const wanted = Object.entries(where)
        .filter(([, value]) => value !== undefined)
        .map(([property, value]) => [property, new Set<unknown>(Array.isArray(value) ? value : [value])] as const);
      const found: Kept[] = [];
      for (const kept of rows.values()) if (wanted.every(([property, values]) => values.has(kept[property]))) found.push(kept);
      return found.sort((one, other) => (one.id < other.id ? -1 : 1)) as unknown[] as Row[];
    },
    /** As it is now; a copy that shares the rows. */
    copyFrom: (other: ReadonlyMap<string, Kept>): void => {
      rows = new Map(other);
      owners = new Map([...rows].flatMap(([key, kept]) => claimsOf(kept).map((claim) => [claim, key])));
    },
    map: (): ReadonlyMap<string, Kept> => rows,
  };
}
export type Rows<Row extends object> = ReturnType<typeof createRows<Row>>;

const byId = ({ id }: { readonly id: string }): string => id;

/** What a store keeps, in memory: it outlives every core that has it open. */
const createTables = () => ({
  farms: createRows(shapes.farms, byId),
  servers: createRows(shapes.servers, byId),
  instances: createRows(shapes.instances, byId),
  customers: createRows(shapes.customers, byId),
  plans: createRows(shapes.plans, byId),
  packages: createRows(shapes.packages, byId),
  domains: createRows(shapes.domains, byId),
  ownedRecords: createRows(shapes.ownedRecords, byId),
  servedRecords: createRows(shapes.servedRecords, byId),
  certificates: createRows(shapes.certificates, byId),
  jobs: createRows(shapes.jobs, byId),
  jobSteps: createRows(shapes.jobSteps, byId),
  locks: createRows(shapes.locks, byId),
  auditLog: createRows(shapes.auditLog, byId),
  acts: createRows(shapes.acts, byId),
  alerts: createRows(shapes.alerts, byId),
  durations: createRows(shapes.durations, byId),
  settings: createRows(shapes.settings, byId),
  samples: createRows(shapes.samples, ({ subjectId, agentAtMs }) => `${subjectId} ${agentAtMs}`),
});
export type MemoryDisk = ReturnType<typeof createTables>;

/** A copy of another costs as much as its number of rows. */
export function createMemoryDisk(from?: MemoryDisk): MemoryDisk {
  const disk = createTables();
  if (from !== undefined) for (const name of Object.keys(disk) as (keyof MemoryDisk)[]) disk[name].copyFrom(from[name].map());
  return disk;
}
