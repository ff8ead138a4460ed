/** The address that people open. Without the port where it is 443, or not known yet. */
export function urlOf(host: string, httpsPort: number | undefined): string {
  return httpsPort === undefined || httpsPort === 443 ? `https://${host}` : `https://${host}:${httpsPort}`;
}
