import { type ErrorMap, oc } from '@orpc/contract';
import { type ErrorCode, errorTable } from '../errors.ts';

/**
 * The version of what core and agent say to each other. It is the integer in the WebSocket subprotocol (`farm-agent.1`) and in `link.hello`.
 * It rises only when an old peer could misunderstand; added fields and commands do not raise it, because unknown fields are ignored.
 */
export const agentProtocol = 1;
/** The oldest agent protocol that this core still speaks. */
export const oldestAgentProtocol = 1;
export const agentSubprotocol = `farm-agent.${agentProtocol}`;

type Errors = { [C in ErrorCode]: { status: (typeof errorTable)[C]['status']; data: (typeof errorTable)[C]['data'] } };
export const command = oc.errors(errorTable satisfies ErrorMap as Errors);
