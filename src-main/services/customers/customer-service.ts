import type { CustomerView } from '#contract/api/customers.ts';
import { FarmError } from '#contract/errors.ts';
import { type CustomerId, customerId as customerIdSchema, type Language } from '#contract/ids.ts';
import type { Customer } from '../../model/customers/customer.ts';
import { customerContains, isSameName, tidyName } from '../../model/customers/customer-text.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Changes } from '../../ports/changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Store } from '../../ports/store.ts';

export type CustomerFields = {
  readonly name: string;
  readonly contact?: string | undefined;
  readonly language?: Language | undefined;
  readonly externalReference?: string | undefined;
};
export type CustomerChange = { readonly [Field in keyof CustomerFields]?: CustomerFields[Field] | undefined };
/** Whom a new instance is for: one who is known by id (then the rest is not looked at), or one who is described. */
export type CustomerRequest = CustomerFields & { readonly id?: CustomerId | undefined };

export type CustomerService = {
  /** In the order of the farm's language. */
  readonly list: (text: string, limit: number) => Promise<readonly CustomerView[]>;
  /** Throws `NAME_INVALID` (nothing but white space), `EXISTS` when the external reference is another customer's. */
  readonly create: (fields: CustomerFields) => Promise<CustomerView>;
  /** Throws `NOT_FOUND`, `NAME_INVALID`, `EXISTS`. */
  readonly update: (customerId: CustomerId, fields: CustomerChange) => Promise<CustomerView>;
  /** Throws `NOT_FOUND`. */
  readonly get: (customerId: CustomerId) => Promise<Customer>;
  /**
   * The customer of a new instance: the one with the id or the external reference, or else with the same name, or else a new one. Repeatable: a
   * second call with the same fields answers with the same customer. Throws `NOT_FOUND` for an unknown id, `NAME_INVALID`.
   */
  readonly ensure: (request: CustomerRequest) => Promise<Customer>;
};

type Deps = { readonly store: Store; readonly clock: Clock; readonly ids: Ids; readonly changes: Changes; readonly farm: () => Farm };

function checkedName(text: string): string {
  const name = tidyName(text);
  if (name === '') throw new FarmError('NAME_INVALID', { name, reason: 'empty', proposal: '' });
  return name;
}

/** People and organisations that instances are for. */
export function createCustomerService(deps: Deps): CustomerService {
  const { store } = deps;
  // Two creates at once for one new customer must end in one row: writes stand in a line.
  let last: Promise<unknown> = Promise.resolve();
  const inLine = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };

  const rows = (): Promise<readonly Customer[]> => store.customers.find({ farmId: deps.farm().id });
  const viewOf = ({ farmId: _farm, ...customer }: Customer, instances: number): CustomerView => ({ ...customer, instances });
  const counted = async (customer: Customer): Promise<CustomerView> =>
    viewOf(customer, (await store.instances.find({ customerId: customer.id })).length);
  const get = async (customerId: CustomerId): Promise<Customer> => {
    const row = await store.customers.get(customerId);
    if (row === undefined || row.farmId !== deps.farm().id) throw new FarmError('NOT_FOUND', { kind: 'customer', name: customerId });
    return row;
  };
  const refuseTakenReference = (all: readonly Customer[], reference: string, mine?: CustomerId): void => {
    if (reference !== '' && all.some((row) => row.externalReference === reference && row.id !== mine))
      throw new FarmError('EXISTS', { kind: 'customer', name: reference });
  };
  const add = async (fields: CustomerFields, all: readonly Customer[]): Promise<Customer> => {
    const reference = fields.externalReference?.trim() ?? '';
    refuseTakenReference(all, reference);
    const row: Customer = {
      id: customerIdSchema.parse(deps.ids.uuid()),
      farmId: deps.farm().id,
      name: checkedName(fields.name),
      contact: fields.contact?.trim() ?? '',
      language: fields.language ?? deps.farm().language,
      externalReference: reference,
      createdAtMs: deps.clock.nowMs(),
    };
    await store.customers.insert(row);
    deps.changes.announce({ kind: 'customer', id: row.id });
    return row;
  };
  const findSame = (all: readonly Customer[], fields: CustomerFields): Customer | undefined => {
    const reference = fields.externalReference?.trim() ?? '';
    // A billing panel's reference says who is meant; without one the name has to.
    if (reference !== '') return all.find((row) => row.externalReference === reference);
    const contact = fields.contact?.trim() ?? '';
    return all.find((row) => isSameName(row.name, fields.name) && (contact === '' || row.contact === '' || row.contact === contact));
  };

  return {
    get,
    list: async (text, limit) => {
      const instances = await store.instances.find({ farmId: deps.farm().id });
      const counts = new Map<CustomerId, number>();
      for (const { customerId } of instances) if (customerId !== null) counts.set(customerId, (counts.get(customerId) ?? 0) + 1);
      const order = new Intl.Collator(deps.farm().language, { numeric: true, sensitivity: 'base' });
      return (await rows())
        .filter((row) => customerContains(row, text))
        .toSorted((one, other) => order.compare(one.name, other.name) || (one.id < other.id ? -1 : 1))
        .slice(0, limit)
        .map((row) => viewOf(row, counts.get(row.id) ?? 0));
    },
    create: (fields) => inLine(async () => viewOf(await add(fields, await rows()), 0)),
    update: (customerId, fields) =>
      inLine(async () => {
        await get(customerId);
        const externalReference = fields.externalReference?.trim();
        refuseTakenReference(await rows(), externalReference ?? '', customerId);
        const row = await store.customers.patch(customerId, {
          name: fields.name === undefined ? undefined : checkedName(fields.name),
          contact: fields.contact?.trim(),
          language: fields.language,
          externalReference,
        });
        // an undone create takes a customer that it made along
        if (row === undefined) throw new FarmError('NOT_FOUND', { kind: 'customer', name: customerId });
        deps.changes.announce({ kind: 'customer', id: row.id });
        return counted(row);
      }),
    ensure: (request) =>
      inLine(async () => {
        if (request.id !== undefined) return get(request.id);
        const all = await rows();
        return findSame(all, request) ?? add(request, all);
      }),
  };
}
