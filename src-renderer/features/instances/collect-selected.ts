import type { InstanceFilter, InstanceView } from '#contract/api/instances.ts';
import type { CoreClient } from '../../lib/core-client.ts';
import { isSelected, type TableSelection } from '../../ui/table-selection.ts';

/** More than this is never fetched for an act of the window: the list must be narrowed first. */
export const mostSelected = 1_000;
const PAGE = 500;

/** The chosen instances as the core knows them now, at most `mostSelected`. Rows that went meanwhile are left out. */
export async function collectSelected(core: CoreClient, filter: InstanceFilter, selection: TableSelection): Promise<InstanceView[]> {
  const found: InstanceView[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const page = await core.instances.query({ filter, sort: 'name', isDescending: false, offset, limit: PAGE });
    found.push(...page.rows.filter((row) => isSelected(selection, row.id)));
    const hasAll = selection.kind === 'some' && found.length >= selection.ids.size;
    if (hasAll || found.length >= mostSelected || offset + PAGE >= page.total || page.rows.length === 0) break;
  }
  return found.slice(0, mostSelected);
}
