import * as z from 'zod';

export type ParameterValue = string | number | boolean;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** What the sealed parameters of an instance are bound to. */
export const secretContext = (instanceId: string): string => `instance:${instanceId}`;

const secretValues = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** The sealed part of an instance's parameters from its opened text. Throws where that is none of ours. */
export const readSecretValues = (text: string): ParameterValues => secretValues.parse(JSON.parse(text));
