import type { AlertCode } from '#contract/catalogue/alerts.ts';

type AlertKey = `alerts.${AlertCode}.${'word' | 'title' | 'cause' | 'act'}`;

/** What needs attention: a chip's `word`, `title`, `cause`, and the words of the one button (`act`). A code without them does not compile. */
export const alerts = {
  'alerts.instance-missing.word': 'Missing',
  'alerts.instance-missing.title': '{name} is no longer on {server}',
  'alerts.instance-missing.cause':
    'The agent there has no such instance. Nobody removed it here, so its data may be lost: look for a copy before you create it anew.',
  'alerts.instance-missing.act': 'See what is known',
  'alerts.server-drift.word': 'Not in order',
  'alerts.server-drift.title':
    '{what, select, route {The way to {name}} certificate {The certificate of {name}} other {The application packages}} could not be put in order on {server}',
  'alerts.server-drift.cause': '{failure} It is tried again by itself.',
  'alerts.server-drift.act': 'Look at the server',
  'alerts.instance-down.word': 'Down',
  'alerts.instance-down.title': '{name} cannot work',
  'alerts.instance-down.cause': 'The application on {server} does not run and was not stopped by anybody here.',
  'alerts.instance-down.act': 'See why',
  'alerts.instance-crash-loop.word': 'Keeps ending',
  'alerts.instance-crash-loop.title': '{name} ends again and again',
  'alerts.instance-crash-loop.cause':
    '{exitCode, select, memoryLimit {The application on {server} takes more memory than its plan gives, and is ended for it. It is started again by itself, at most once a minute.} processLimit {The application on {server} begins more processes than it may have, and is ended for it. It is started again by itself, at most once a minute.} diskLimit {The application on {server} has more than a tenth above its plan on disk, so it was ended. It is started again by itself when there is less. A bigger plan helps at once.} other {The application on {server} ends right after each start. It is started again by itself, at most once a minute.}}',
  'alerts.instance-crash-loop.act': 'See its log',
  'alerts.instance-disk.word': 'Disk nearly used up',
  'alerts.instance-disk.title':
    '{isOver, select, yes {{name} has more on disk than its plan gives} other {{name} has used nine tenths of its disk}}',
  'alerts.instance-disk.cause':
    'It uses {percent} % of what its plan gives. Above 110 % it is ended, so that it does not take the disk of {server} from all others. Give it a bigger plan, or let its customer clear up.',
  'alerts.instance-disk.act': 'See how much',
  'alerts.instance-unhealthy.word': 'Answers badly',
  'alerts.instance-unhealthy.title': '{name} runs, but does not answer well',
  'alerts.instance-unhealthy.cause': 'Its own check on {server} fails. The customer probably sees an error.',
  'alerts.instance-unhealthy.act': 'See why',
  'alerts.job-stopped.word': 'Job stopped',
  'alerts.job-stopped.title': '{title} stopped at step {step} of {steps}',
  'alerts.job-stopped.cause': 'Every step is written down: it can go on, or be undone.',
  'alerts.job-stopped.act': 'Continue or undo',
  'alerts.server-agent.word': 'Agent is silent',
  'alerts.server-agent.title': 'The agent of {server} does not answer',
  'alerts.server-agent.cause':
    'The server itself answers. {edge, select, reached {{instances, plural, =0 {No instance stands there.} one {The address of its instance still opens; only this program does not see it.} other {The addresses of its {instances} instances still open; only this program does not see them.}}} dark {{instances, plural, =0 {No instance stands there.} one {The address of its instance does not open either.} other {The addresses of its {instances} instances do not open either.}}} other {{instances, plural, =0 {No instance stands there.} one {Whether the address of its instance opens has not been seen yet.} other {Whether the addresses of its {instances} instances open has not been seen yet.}}}}',
  'alerts.server-agent.act': 'See the cure',
  'alerts.server-network.word': '{mayBeAgent, select, yes {No answer} other {No way there}}',
  'alerts.server-network.title': '{mayBeAgent, select, yes {{server} does not answer} other {{server} cannot be reached}}',
  'alerts.server-network.cause':
    '{mayBeAgent, select, yes {Its agent hangs, or it is its network, a firewall or its power. If its customers’ addresses still open, it is the agent.} other {Its network, a firewall or its power: from here they cannot be told apart.}} {instances, plural, =0 {No instance stands there.} one {One instance stands there.} other {{instances} instances stand there.}}',
  'alerts.server-network.act': 'See the cure',
  'alerts.server-clock.word': 'Clock is wrong',
  'alerts.server-clock.title': 'The clock of {server} is wrong',
  'alerts.server-clock.cause': 'Certificates and charts need the right time. Set the clock there, or the one of this computer.',
  'alerts.server-clock.act': 'See the cure',
  'alerts.server-disk.word': '{isFull, select, yes {Disk is full} other {Disk fills up}}',
  'alerts.server-disk.title': '{isFull, select, yes {The disk of {server} is full} other {The disk of {server} is nearly full}}',
  'alerts.server-disk.cause':
    '{isFull, select, yes {Where {path} is, {freeMegabytes} MB are left. What customers write there may be lost.} other {{percent} % of it is used. New instances go elsewhere.}}',
  'alerts.server-disk.act': 'See the server',
  'alerts.server-edge.word': '{problem, select, portTaken {Port is taken} other {Edge is silent}}',
  'alerts.server-edge.title': '{problem, select, deaf {The edge of {server} takes no changes} other {Visitors do not reach {server}}}',
  'alerts.server-edge.cause':
    '{problem, select, portTaken {{owner, select, unknown {Another program} other {The program {owner}}} has port {port}, which its edge needs. The edge takes it by itself when it is free.} notListening {Its system does not let the edge listen at port {port} ({cause}).} failed {Its edge does not start ({cause}). Its agent tries again.} outside {At {address} nothing answers from here ({cause}).} deaf {Visitors are served, but new addresses and certificates do not get there.} other {Its edge, which takes visitors in, does not answer. Its agent starts it again.}} {instances, plural, =0 {No instance stands there.} one {One instance stands there.} other {{instances} instances stand there.}}',
  'alerts.server-edge.act': 'See the server',
  'alerts.server-isolation.word': '{reason, select, none {Without own users} other {Starts no application}}',
  'alerts.server-isolation.title':
    '{reason, select, none {On {server} {waiting, plural, one {an application runs} other {{waiting} applications run}} without a user of {waiting, plural, one {its} other {their}} own} other {{server} starts no application}}',
  'alerts.server-isolation.cause':
    '{reason, select, none {An earlier agent started {waiting, plural, one {it} other {them}}. {waiting, plural, one {It gets} other {Each gets}} a user of its own at the next restart.} noUsers {Its agent is root, and its system lets it become no other user. Start the agent as an ordinary user, or give its container the rights CHOWN, DAC_OVERRIDE, KILL, SETUID and SETGID.} other {Its agent is root, and users of applications may not pass the folder {path}. Open the way there: chmod o+x {path}}}',
  'alerts.server-isolation.act': 'See the server',
  'alerts.server-redirect.word': 'No way from HTTP',
  'alerts.server-redirect.title': '{server} does not lead from HTTP to HTTPS',
  'alerts.server-redirect.cause':
    '{owner, select, unknown {Its edge cannot listen at port {port} ({cause}).} other {The program {owner} has port {port}.}} Addresses with https still open.',
  'alerts.server-redirect.act': 'See the server',
  'alerts.server-identity.word': 'Not our agent',
  'alerts.server-identity.title': 'At the address of {server} somebody else answers',
  'alerts.server-identity.cause': 'The key is not the one that joined the farm. Nothing is sent there until that is clear.',
  'alerts.server-identity.act': 'See the cure',
  'alerts.home-disk.word': '{isFull, select, yes {Disk is full} other {Disk fills up}}',
  'alerts.home-disk.title':
    '{isFull, select, yes {The disk with the data of this farm is full} other {The disk with the data of this farm is nearly full}}',
  'alerts.home-disk.cause':
    'Where {path} is on this computer, {freeMegabytes} MB are left. {isFull, select, yes {Nothing new can be saved. Free some room; removing still works.} other {Free some room before nothing can be saved any more.}}',
  'alerts.home-disk.act': 'See the settings',
  'alerts.name-server.word': 'Names unanswered',
  'alerts.name-server.title': 'The name server of this program does not answer',
  'alerts.name-server.cause':
    'The process that answers ended, hangs, or cannot be started. It is started again by itself, and changes wait for it; why it ended stands in core.log of the home.',
  'alerts.name-server.act': 'See the domains',
  'alerts.certificate-ends.word': 'Ends soon',
  'alerts.certificate-ends.title': 'The certificate for {names} ends soon',
  'alerts.certificate-ends.cause': 'After that, browsers warn every visitor.',
  'alerts.certificate-ends.act': 'Renew it',
  'alerts.certificate-ended.word': 'Ended',
  'alerts.certificate-ended.title': 'The certificate for {names} has ended',
  'alerts.certificate-ended.cause': 'Browsers warn every visitor now.',
  'alerts.certificate-ended.act': 'Renew it',
  'alerts.program-fault.word': 'Fault here',
  'alerts.program-fault.title': 'This program met a fault of its own: {reference}',
  'alerts.program-fault.cause':
    '{count, plural, one {It goes on, and instances run without it.} other {There were {count} since it began to run; this is the newest. It goes on, and instances run without it.}} Its log in the home folder has the rest under this reference: send both to whoever looks after the program. This line goes after a day.',
  'alerts.program-fault.act': 'See where the home is',
} as const satisfies Record<AlertKey, string>;
