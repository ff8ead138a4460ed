import axios, { type AxiosError, type AxiosInstance, type AxiosResponse } from 'axios';
import type * as z from 'zod';
import { FarmError } from '#contract/errors.ts';
import type { DnsCall } from '../../../ports/dns.ts';
import { apiError, type PowerDnsCredentials } from './schema.ts';

/** Whose zone and name a call is about: the parameters of its errors. */
export type Subject = { readonly domain: string; readonly name: string };
type Request = {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
};

export type PowerDnsClient = {
  /** Host and port, for sentences. */
  readonly server: string;
  /** The answer's status and body; throws the port's coded errors for every status not in `accept`. */
  readonly send: (request: Request, subject: Subject, accept: readonly number[], call?: DnsCall) => Promise<AxiosResponse<unknown>>;
  /** The body in the shape that the API promises, or `DNS_REFUSED`. */
  readonly read: <S extends z.ZodType>(schema: S, body: unknown, subject: Subject) => z.output<S>;
};

/** https://doc.powerdns.com/authoritative/http-api/ */
export function createPowerDnsClient(credentials: PowerDnsCredentials, timeoutMs: number): PowerDnsClient {
  const url = new URL(credentials.url);
  const server = url.host;
  const http: AxiosInstance = axios.create({
    baseURL: new URL('/api/v1/servers/localhost', url).href,
    headers: { 'X-API-Key': credentials.apiKey, Accept: 'application/json' },
    timeout: timeoutMs,
    // a redirect would carry the key to somebody else, and so would a proxy from the environment
    maxRedirects: 0,
    proxy: false,
    maxContentLength: 64 * 2 ** 20,
    validateStatus: () => true,
  });
  return {
    server,
    send: async (request, subject, accept, call) => {
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
