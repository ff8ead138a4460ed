import axios, { type AxiosError, type AxiosInstance, type AxiosResponse } from 'axios';
import type * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import type { DnsCall } from '../../../ports/dns.ts';
import { apiError, apiServer, type PowerDnsCredentials } from './schema.ts';

/** Whose zone and name a call is about: the parameters of its errors. */
export type Subject = { readonly domain: string; readonly name: string };
type Request = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly path: string;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
};

export type PowerDnsClient = {
  /** Host and port, for sentences. */
  readonly server: string;
  /** The answer's status and body; throws the port's coded errors for every status not in `accept`. */
  readonly send: (request: Request, subject: Subject, accept: readonly number[], call?: DnsCall) => Promise<AxiosResponse<unknown>>;
  /**
   * May the server be asked for one name alone? Before 5.0 it then leaves out what is disabled (https://github.com/PowerDNS/pdns/issues/11473), so that
   * the whole zone has to be read. Asked once; false also where the server does not say which version it is.
   */
  readonly filtersWhole: (subject: Subject, call?: DnsCall) => Promise<boolean>;
  /** The body in the shape that the API promises, or `DNS_REFUSED`. */
  readonly read: <S extends z.ZodType>(schema: S, body: unknown, subject: Subject) => z.output<S>;
};

/** The API may stand below a path, behind a proxy; an address that was copied with the API's own path is taken, too. */
function baseOf(url: URL): string {
  const path = url.pathname.replace(/\/+$/, '').replace(/\/api(\/v1(\/servers(\/localhost)?)?)?$/, '');
  return new URL(`${path}/api/v1/servers/localhost`, url).href;
}

/** RFC 7617. A name alone has an empty password. */
const authorizationOf = (login: string | undefined): Readonly<Record<string, string>> => {
  if (login === undefined) return {};
  const whole = login.includes(':') ? login : `${login}:`;
  return { Authorization: `Basic ${Buffer.from(whole).toString('base64')}` };
};

/** https://doc.powerdns.com/authoritative/http-api/ */
export function createPowerDnsClient(credentials: PowerDnsCredentials, timeoutMs: number): PowerDnsClient {
  const url = new URL(credentials.url);
  const server = url.host;
  const http: AxiosInstance = axios.create({
    baseURL: baseOf(url),
    headers: { 'X-API-Key': credentials.apiKey, Accept: 'application/json', ...authorizationOf(credentials.login) },
    timeout: timeoutMs,
    // a redirect would carry the key to somebody else, and so would a proxy from the environment
    maxRedirects: 0,
    proxy: false,
    maxContentLength: 64 * 2 ** 20,
    validateStatus: () => true,
  });
  const send: PowerDnsClient['send'] = async (request, subject, accept, call) => {
    const signal = call?.signal;
    signal?.throwIfAborted();
    let response: AxiosResponse<unknown>;
    try {
      response = await http.request({
        method: request.method,
        url: request.path,
        ...(request.query === undefined ? {} : { params: request.query }),
        ...(request.body === undefined ? {} : { data: request.body }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw transportError(error, { ...subject, server }, timeoutMs);
    }
    if (accept.includes(response.status)) return response;
    throw statusError(response, { ...subject, server });
  };
  let version: string | undefined;
  return {
    server,
    send,
    filtersWhole: async (subject, call) => {
      try {
        version ??= apiServer.parse((await send({ method: 'GET', path: '' }, subject, [200], call)).data).version;
      } catch {
        call?.signal?.throwIfAborted();
        return false;
      }
      return Number.parseInt(version, 10) >= 5;
    },
    read: (schema, body, subject) => {
      const parsed = schema.safeParse(body);
      if (parsed.success) return parsed.data;
      throw new FarmError('DNS_REFUSED', { ...subject, server, reason: 'answer-shape' });
    },
  };
}

type Place = Subject & { readonly server: string };

/** Only the code is taken over: the library's error carries the request, and the request carries the key. */
function transportError(error: unknown, place: Place, timeoutMs: number): FarmError {
  const code = axios.isAxiosError(error) ? ((error as AxiosError).code ?? 'unknown') : 'unknown';
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT')
    return new FarmError('DNS_SLOW', { ...place, seconds: Math.round(timeoutMs / 1000) });
  return new FarmError('DNS_REFUSED', { ...place, reason: code });
}

function statusError(response: AxiosResponse<unknown>, place: Place): FarmError {
  const { status } = response;
  if (status === 401 || status === 403) return new FarmError('DNS_CREDENTIALS', { domain: place.domain, server: place.server });
  if (status === 404) return new FarmError('DNS_ZONE_MISSING', { domain: place.domain, server: place.server });
  const parsed = apiError.safeParse(response.data);
  return new FarmError('DNS_REFUSED', { ...place, reason: parsed.success ? parsed.data.error.slice(0, 300) : `HTTP ${status}` });
}
