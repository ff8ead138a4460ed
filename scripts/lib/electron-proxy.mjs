/**
 * How Electron is fetched through a proxy. Its fetcher asks HTTP_PROXY, HTTPS_PROXY and NO_PROXY only, and only when ELECTRON_GET_USE_PROXY is set;
 * npm's own settings reach a script as npm_config_*. https://docs.npmjs.com/cli/v11/using-npm/config#https-proxy
 */
const httpNames = ['http_proxy', 'npm_config_proxy', 'npm_config_http_proxy'];
const httpsNames = ['https_proxy', 'npm_config_https_proxy'];
const exceptNames = ['no_proxy', 'npm_config_noproxy'];
const proxyNames = [...httpNames, ...httpsNames, 'all_proxy'];

/** The first that says something, whatever the case of its name. @param {NodeJS.ProcessEnv} environment @param {readonly string[]} names */
function read(environment, names) {
  const known = Object.entries(environment);
  for (const wanted of names) {
    const found = known.find(
      ([name, value]) => name.toLowerCase() === wanted && value !== undefined && !['', 'null', 'false'].includes(value),
    );
    if (found !== undefined) return found[1];
  }
  return undefined;
}

/** People write `proxy.example:3128` too. @param {string | undefined} address */
const withScheme = (address) => (address === undefined || /^[a-z][a-z0-9+.-]*:\/\//iu.test(address) ? address : `http://${address}`);

/**
 * The environment in which Electron is fetched: with a proxy of the system's or npm's, where there is one.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
export function fetchEnvironment(environment) {
  const http = withScheme(read(environment, httpNames));
  const https = withScheme(read(environment, httpsNames));
  if (http === undefined && https === undefined) return { ...environment };
  const except = read(environment, exceptNames);
  // Small letters win over capitals there, even when they are empty; on Windows the two are one.
  const others = Object.entries(environment).filter(([name]) => !['http_proxy', 'https_proxy', 'no_proxy'].includes(name.toLowerCase()));
  return {
    ...Object.fromEntries(others),
    ELECTRON_GET_USE_PROXY: 'true',
    ...(http === undefined ? {} : { HTTP_PROXY: http }),
    HTTPS_PROXY: https ?? http,
    ...(except === undefined ? {} : { NO_PROXY: except }),
  };
}

/** @param {string} text */
const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * A reason as it may be said: no name and password of any address, and nowhere the password of a proxy of ours.
 * @param {string} text
 * @param {NodeJS.ProcessEnv} environment
 */
export function withoutSecrets(text, environment) {
  const secrets = Object.entries(environment)
    .filter(([name, value]) => proxyNames.includes(name.toLowerCase()) && value)
    .flatMap(([, value]) => /^(?:[\w+.-]+:\/\/)?[^:@]*:(.*)@/su.exec(value ?? '')?.[1] ?? [])
    .flatMap((secret) => [secret, decoded(secret)])
    .filter((secret) => secret !== '')
    .toSorted((one, other) => other.length - one.length);
  const plain = text.replace(/(\/\/)[^/\s]*@/gu, '$1');
  return secrets.reduce((said, secret) => said.replaceAll(secret, '…'), plain);
}

/**
 * From where Electron would be fetched, for comparing with an earlier try; holds no secret.
 * @param {NodeJS.ProcessEnv} environment
 */
export function wayOf(environment) {
  const mirrors = Object.entries(environment)
    .filter(
      ([name, value]) => /^(?:npm_config_|npm_package_config_)?electron_(?:mirror|custom_|customdir|customfilename)/iu.test(name) && value,
    )
    .map(([name, value]) => `${name.toLowerCase()}=${value}`);
  const proxies = [read(environment, httpNames), read(environment, httpsNames), read(environment, exceptNames)];
  return withoutSecrets([...mirrors.toSorted(), ...proxies.map((proxy) => proxy ?? '')].join(' '), environment);
}
