/** The addresses of the pages, made in one place: `<a href={paths.server('Oak')}>`. */
export const paths = {
  desk: '#/',
  instances: '#/instances',
  newInstance: '#/instances/new',
  instance: (name: string) => `#/instances/${encodeURIComponent(name)}`,
  servers: '#/servers',
  addServer: '#/servers/add',
  server: (name: string) => `#/servers/${encodeURIComponent(name)}`,
  certificates: '#/certificates',
  domains: '#/domains',
  jobs: '#/jobs',
  job: (jobId: string) => `#/jobs/${encodeURIComponent(jobId)}`,
  alerts: '#/alerts',
  settings: '#/settings',
  firstRun: '#/first-run',
} as const;

/** Goes to a page of the window, as a click on a link would. */
export function goTo(path: string): void {
  window.location.hash = path;
}
