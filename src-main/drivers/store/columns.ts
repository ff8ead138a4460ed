/**
 * How a value of a row stands in a column, the same on SQLite and PostgreSQL: booleans as 0 and 1, nested values as JSON text,
 * whole numbers in 64 bits. A `?` marks a column that may hold null. A type that fits no kind does not compile.
 */
export type ColumnKind = 'text' | 'text?' | 'int' | 'int?' | 'real' | 'real?' | 'bool' | 'json';
export type Cell = string | number | null;
export type CellRow = Record<string, Cell>;

type Simple<Value> = [Value] extends [string]
  ? 'text'
  : [Value] extends [number]
    ? 'int' | 'real'
    : [Value] extends [boolean]
      ? 'bool'
      : 'json';
type KindFor<Value> = unknown extends Value
  ? 'json'
  : null extends Value
    ? Simple<NonNullable<Value>> extends infer Kind extends 'text' | 'int' | 'real'
      ? `${Kind}?`
      : 'json'
    : Simple<Value>;

/** One column for every property of a row type: a forgotten property does not compile. */
export type Columns<Row> = { readonly [Property in keyof Row]-?: KindFor<Row[Property]> };

export type TableShape<Row> = {
  readonly table: string;
  readonly columns: Columns<Row>;
  /** Columns that are only there to be unique or searched; made from the row, never read back. */
  readonly derived?: Readonly<Record<string, (row: Row) => Cell>>;
};

/** Of every property of every table: asked for each cell of each row. Those that stand here were called otherwise when their columns were made. */
const columnNames = new Map<string, string>([
  ['checkpoint', 'memo'],
  ['desired', 'wish'],
]);

/** `agentAtMs` → `agent_at_ms`. */
export function columnName(property: string): string {
  const known = columnNames.get(property);
  if (known !== undefined) return known;
  const name = property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  columnNames.set(property, name);
  return name;
}

function wrongValue(column: string, kind: ColumnKind, value: unknown): never {
  throw new TypeError(`column ${column} is ${kind} and cannot hold ${typeof value}`);
}

/** A value as its cell. Throws a bug when the value is not of its kind: PostgreSQL would refuse it, SQLite would keep it silently. */
export function toCell(column: string, kind: ColumnKind, value: unknown): Cell {
  if (kind === 'json') {
    return value === undefined ? null : JSON.stringify(value);
  }
  if (kind.endsWith('?') && (value === null || value === undefined)) {
    return null;
  }
  switch (kind) {
    case 'text':
    case 'text?':
      // PostgreSQL cannot hold U+0000 in text; neither may SQLite, so that the two agree.
      return typeof value === 'string' && !value.includes('\u0000') ? value : wrongValue(column, kind, value);
    case 'int':
    case 'int?':
      return typeof value === 'number' && Number.isSafeInteger(value) ? value : wrongValue(column, kind, value);
    case 'real':
    case 'real?':
      return typeof value === 'number' && Number.isFinite(value) ? value : wrongValue(column, kind, value);
    case 'bool':
      return typeof value === 'boolean' ? Number(value) : wrongValue(column, kind, value);
  }
}

/** The inverse of `toCell`. */
export function fromCell(kind: ColumnKind, cell: Cell): unknown {
  if (kind === 'json') {
    return cell === null ? undefined : JSON.parse(String(cell));
  }
  return kind === 'bool' ? cell === 1 : cell;
}
