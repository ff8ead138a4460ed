/** What a pairing code that waits in a job is sealed for: it cannot be used for another server. */
export const codeContext = (serverId: string): string => `pairing-code/${serverId}`;
