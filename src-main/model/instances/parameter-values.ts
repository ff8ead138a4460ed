export type ParameterValue = string | number | boolean;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** What the sealed parameters of an instance are bound to. */
export const secretContext = (instanceId: string): string => `instance:${instanceId}`;
