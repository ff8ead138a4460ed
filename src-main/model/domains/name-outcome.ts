/** What came of a question to one name server (`NameEvidence.outcome` in `ports/probe.ts`), sorted by what follows from it. */

/** It spoke of the name, with authority. */
export const hasAnswered = (outcome: string): boolean => outcome === 'NOERROR' || outcome === 'NXDOMAIN' || outcome === 'NODATA';

/** It said that the name is another's, who has to be asked for addresses. */
export const isAlias = (outcome: string): boolean => outcome === 'alias-outside' || outcome === 'alias-loop';

/**
 * It was reached and has no say about the name: `lame` (an answer without authority, RFC 1912 §2.8) or a response code that speaks of the server
 * and not of the name (RFC 1035 §4.1.1, RFC 6895 §2.3). Asking again changes nothing until somebody mends the delegation, the zone or the server.
 */
export const lacksAuthority = (outcome: string): boolean =>
  /^(lame|SERVFAIL|REFUSED|FORMERR|NOTIMP|NOTAUTH|NOTZONE|YXDOMAIN|YXRRSET|NXRRSET|RCODE \d+)$/.test(outcome);
