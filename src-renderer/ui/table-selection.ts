/* With thousands of rows in the core, "all" cannot be a list of ids: it is everything the filter finds, but for some. */
export type TableSelection = { kind: 'some'; ids: ReadonlySet<string> } | { kind: 'all'; except: ReadonlySet<string> };

export const nothingSelected: TableSelection = { kind: 'some', ids: new Set() };
export const allSelected: TableSelection = { kind: 'all', except: new Set() };

export function isSelected(selection: TableSelection, id: string): boolean {
  return selection.kind === 'some' ? selection.ids.has(id) : !selection.except.has(id);
}

export function selectedCount(selection: TableSelection, rowCount: number): number {
  return selection.kind === 'some' ? selection.ids.size : Math.max(0, rowCount - selection.except.size);
}

export function setSelected(selection: TableSelection, ids: Iterable<string>, isOn: boolean): TableSelection {
  const listed = new Set(selection.kind === 'some' ? selection.ids : selection.except);
  const isListedWhenOn = selection.kind === 'some';
  for (const id of ids) {
    if (isOn === isListedWhenOn) listed.add(id);
    else listed.delete(id);
  }
  return selection.kind === 'some' ? { kind: 'some', ids: listed } : { kind: 'all', except: listed };
}

/* The head's box: off, on, or some. */
export function headState(selection: TableSelection, rowCount: number): boolean | 'some' {
  const count = selectedCount(selection, rowCount);
  if (count === 0 || rowCount === 0) return false;
  return count >= rowCount ? true : 'some';
}
