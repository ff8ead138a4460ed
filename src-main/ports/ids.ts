/** Makes identifiers: UUID version 7 (RFC 9562 §5.7), rising within one process, and random tokens. */
export interface Ids {
  readonly uuid: () => string;
  /** `bytes` random bytes as base64url. */
  readonly token: (bytes: number) => string;
}
