import type { Customer } from './customer.ts';

/** One spelling for comparing: case and compatibility forms folded in any script, white space made one. */
function folded(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase('und').normalize('NFKC').replace(/\s+/gu, ' ').trim();
}

/** Is this the same name to a person? */
export function isSameName(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

/** Does name, contact or external reference contain the text? An empty text is in everything. */
export function customerContains(customer: Pick<Customer, 'name' | 'contact' | 'externalReference'>, text: string): boolean {
  const wanted = folded(text);
  return [customer.name, customer.contact, customer.externalReference].some((field) => folded(field).includes(wanted));
}

/** A name as it is kept: no white space around or in rows. */
export function tidyName(name: string): string {
  return name.normalize('NFC').replace(/\s+/gu, ' ').trim();
}
