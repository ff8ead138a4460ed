const v4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

/** Loose for IPv6: the core parses it strictly; here a person is only told early. */
const isIp = (text: string): boolean => v4.test(text) || (/^[0-9a-f:.]{2,45}$/i.test(text) && text.split(':').length > 2);

/** IP addresses of a text, one in a line or parted by commas; `bad` is the first that is none. */
export function addressesFrom(text: string): { readonly addresses: readonly string[]; readonly bad: string | undefined } {
  const words = [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ''))];
  return { addresses: words.filter(isIp), bad: words.find((word) => !isIp(word)) };
}
