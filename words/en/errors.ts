import type { ErrorCode } from '#contract/errors.ts';

/** One sentence or two for every coded error: the object, the cause, the next step. */
export const errors = {
  'error.NAME_INVALID':
    '{reason, select, empty {Give the instance a name.} tooLong {The name {name} is too long: an address takes at most 63 characters. Choose a shorter one.} hyphen {The name {name} has a hyphen where an address cannot have one: at the beginning, at the end, or two after the second letter. Take it away.} script {An address is written in Latin letters, digits and hyphens. {name} would be {proposal} there.} idn {{name} has letters that we cannot turn into an address. Type the address in Latin letters.} other {The name {name} has characters that an address cannot have. Use Latin letters, digits and hyphens.}}',
  'error.NAME_RESERVED': 'The name {name} is kept for the farm itself. Choose another one.',
  'error.NAME_TAKEN': '{address} is already in use by another instance. Choose another name.',
  'error.NOT_FOUND':
    '{kind, select, instance {There is no instance {name}.} server {There is no server {name}.} job {There is no job {name}.} certificate {There is no certificate {name}.} domain {There is no farm domain {name}.} package {There is no application package {name}.} plan {There is no plan {name}.} customer {There is no customer {name}.} farm {There is no farm in this home yet. Start one first.} record {The farm keeps no record {name}.} other {There is no log of {name}.}}',
  'error.NO_SERVER_FITS':
    '{servers, plural, =0 {The farm has no server yet. Add one, then create the instance.} one {The only server has no room for plan {plan}. Add a server or free one.} other {None of the {servers} servers has room for plan {plan}. Add a server or free one.}}',
  'error.SERVER_DOES_NOT_FIT':
    '{reason, select, memory {{server} has not enough memory left for it.} disk {{server} has not enough disk left for it.} cpu {The processor of {server} is too busy for it.} draining {{server} is being emptied.} maintenance {{server} is held for maintenance.} joining {{server} is still joining the farm.} leaving {{server} is being taken out of the farm.} platform {The package is not made for the system of {server}.} edge {Visitors do not reach the edge of {server}.} other {The agent of {server} was not heard lately.}} Choose another server.',
  'error.SERVER_NOT_EMPTY':
    '{instances, plural, one {{server} still has one instance. Remove it first.} other {{server} still has {instances} instances. Remove them first.}}',
  'error.SERVER_HAS_WILDCARD':
    'The wildcard record *.{domain} leads to {server}. Take the wildcard out on the page Domains first, then remove the server.',
  'error.OBJECT_BUSY': 'Another job is working on {name}. Wait until it ends, or open it.',
  'error.JOB_NOT_STOPPED': 'This job is not stopped, so it can be neither continued nor undone now. Its state is {state}.',
  'error.JOB_OTHER_VERSION':
    'This job was begun by version {begun} of Farmstead; this is version {here}, which does its steps differently. Undo it and begin again.',
  'error.JOB_STEP_TIMEOUT': 'The step “{step}” was not done after {seconds} s. Continue to try it again, or undo everything.',
  'error.JOB_CANCELLED': 'The job was stopped by a person. Continue it, or undo everything.',
  'error.JOB_INTERRUPTED': 'The program ended in the middle of this step. Nothing is lost: continue the job, or undo everything.',
  'error.JOB_PAST_RETURN': 'After the step “{step}” this job can no longer be undone, only continued to its end.',
  'error.STILL_THERE':
    '{what, select, process {A process of {name} still runs} port {A port of {name} is still open} folder {The folder of {name} is still there} user {The system user of {name} is still there} log {The log of {name} is still there} record {The DNS record of {name} is still there} route {The route to {name} is still there} membership {The agent of {name} still belongs to the farm} zone {The zone {name} is still there} certificate {A certificate of {name} is still there} other {The entry of {name} is still there}} (seen by {witness}). Try once more; if it stays, look at that server.',
  'error.JOB_NOT_UNDONE': 'The step “{step}” was undone, but something of it is still there. Undo once more.',
  'error.REQUEST_KEY_REUSED': 'The request key {key} was already used for another act. Use a new key.',
  'error.CODE_INVALID':
    '{reason, select, form {This is not a pairing code. It has 24 letters and digits in groups of four.} keyMismatch {The server that answered is not the one that showed this code. Check the address; someone may stand in between.} other {The code is not right. Look at it once more on the server.}}',
  'error.CODE_EXPIRED': 'The code is older than {minutes} minutes. Let the server show a new one.',
  'error.CODE_USED': 'The code was used already. Let the server show a new one.',
  'error.CODE_TRIES_EXHAUSTED': 'The code was typed wrong five times, so it no longer works. Let the server show a new one.',
  'error.AGENT_IN_OTHER_FARM': 'The server at {address} belongs to the farm {farm}. Take it out there first.',
  'error.SERVER_ALREADY_JOINED': 'This server is already in the farm as {server}.',
  'error.CORE_EPOCH_OLD':
    'This farm was moved to another computer, and this copy of it is old (it is {sent}, the servers have seen {seen}). Open the farm where it lives now.',
  'error.SERVER_UNREACHABLE':
    "{cause, select, refused {{server} can be reached, but no agent listens at {address}. Start the agent on it, or check the port.} timeout {Nothing answers at {address}. Either {server} has no power or network, or a firewall drops the connection; a look at the server itself would tell.} silent {{server} takes the connection at {address}, but its agent says nothing: it hangs. Restart the agent on it.} name {The name in {address} is not known. Check the address of {server}.} network {There is no way to {address} from this computer. Check this computer''s network.} identity {What answers at {address} is not the agent of {server}. Nothing was sent to it; check the address and the port.} left {The agent at {address} no longer belongs to this farm. Take {server} out of the farm, then add it again with a new code.} other {The link to {server} was closed. It is being opened again.}}",
  'error.NOT_IN_ORDER_IN_TIME':
    'It was not done within {seconds} s: another act there takes long, or the agent there hangs. If it stays so, restart the agent on that server.',
  'error.CLOCK_OFF':
    "The clock of {server} is {seconds, number, ::sign-never} s away from this computer''s. Set the time on the one that is wrong, then try again.",
  'error.AGENT_TOO_OLD': 'The agent of {server} speaks version {protocol}, version {needed} is needed. Update the agent.',
  'error.COMMAND_MISSING': 'The agent of {server} is older than this program and does not know {command} yet. Update the agent.',
  'error.PORT_TAKEN':
    'Port {port} is already used by {owner, select, unknown {another program} other {{owner}}}. Stop that program or give us another port.',
  'error.DISK_FULL': 'The disk of {server} is full, so {path} could not be written. Free some room, then continue.',
  'error.NOT_PERMITTED_BY_OS': 'The operating system does not allow this: {what}. Give the agent the right, then continue.',
  'error.PUBLIC_ADDRESS_INVALID':
    '{reason, select, none {A server needs at least one public address.} tooMany {A server has at most 16 public addresses. Take some away, from {address} on.} twice {{address} is there twice. Take one away.} name {{address} is a name. Records in DNS hold addresses: type the IP address to which it leads.} port {{address} has a port. Type the IP address alone.} zone {{address} names a network card after the %. Type an address that others can reach.} mapped {{address} is an IPv4 address written as IPv6. Type it as IPv4.} unspecified {{address} means “no address”. Type the one at which visitors reach the server.} linkLocal {{address} holds for one network cable only. Type the one at which visitors reach the server.} multicast {{address} is a multicast address, not one of a server. Type the one at which visitors reach it.} broadcast {{address} is the broadcast address, not one of a server. Type the one at which visitors reach it.} reserved {{address} is reserved and leads nowhere. Type the one at which visitors reach the server.} other {{address} is no IP address. Type one like 203.0.113.9 or 2001:db8::1, without brackets.}}',
  'error.SERVER_WITHOUT_ADDRESS':
    '{server} has no public address, so no name can lead to it. Confirm one on the page of the server, then continue.',
  'error.MANIFEST_INVALID':
    "The package {packageId} cannot be read: at {path}, {problem, select, unknownParameter {a parameter is named that the package does not have} secretInCommand {a secret would stand in a command, where everybody on the server could read it} noPattern {the pattern is no regular expression} onlyStringsGenerate {only a text can be generated} secretDefault {a secret has a default} defaultType {the default is of another type} twice {something is given twice} noPassword {there is no password that could be changed} notThere {the file is not there} json {the file is not whole JSON} otherName {the name is another than its folder''s} logoType {the logo is neither .svg nor .png} logoSize {the logo is larger than 64 KiB} other {{problem}}}. Mend its manifest.",
  'error.MANIFEST_NOT_SIGNED': 'The package {packageId} is not signed for this farm, so the server does not run it.',
  'error.PACKAGE_NOT_AGREED':
    'The package {packageId} asks for more than its own port: {what, select, ports {to reach TCP {ports} on its own server} metadata {to reach the address where a cloud hands out its keys (169.254.169.254)} other {to reach TCP {ports} on its own server, and the address where a cloud hands out its keys (169.254.169.254)}}. An owner has to agree first: farm packages agree {packageId}.',
  'error.PAYLOAD_HASH_WRONG':
    'The files of {packageId} arrived changed (expected {expected}, got {actual}). They were thrown away; continue to send them again.',
  'error.PAYLOAD_CUT': 'Sending {packageId} was cut off at {haveBytes} of {wantBytes} bytes. Continue to send the rest.',
  'error.PAYLOAD_UNSAFE':
    'The package {packageId} holds an entry that we do not unpack: {entry} ({reason, select, absolute {an absolute path} parent {a path that leads outside} link {a link that leads outside} device {a device} size {larger than its manifest says} count {more files than its manifest says} other {a name that is not allowed}}). Ask its maker.',
  'error.PAYLOAD_BUILD':
    'The files of {packageId} could not be put together on this computer: {reason, select, npmMissing {npm was not found. Install Node.js with npm, then continue.} zip {its zip archive is damaged.} hash {its zip archive is not the one that the manifest names.} size {they are larger than the manifest allows.} count {they are more than the manifest allows.} link {there is a link or a device among them.} name {one of their names is none on every system, or differs from another one only by case.} lock {its lock file does not name a checksum for every part.} notThere {one of its files is not there.} other {{reason}.}}',
  'error.PLATFORM_UNSUPPORTED': 'The package {packageId} is not made for {platform}. Choose a server of another kind.',
  'error.PARAMETER_INVALID':
    '{problem, select, required {{parameter} is missing.} unknown {This package has no setting {parameter}.} type {{parameter} has a value of the wrong kind.} minimum {{parameter} is too small.} maximum {{parameter} is too large.} minLength {{parameter} is too short.} maxLength {{parameter} is too long.} enum {{parameter} is not one of the choices.} pattern {{parameter} has characters that do not fit.} other {{parameter} does not fit: {problem}.}}',
  'error.TEXT_INVALID':
    'What was given for {field} holds a character that is not seen: a line break, a control character or one that turns the reading order around. Type it anew instead of pasting it.',
  'error.REFERENCE_INVALID': 'This is no reference. It looks like 4F7K-2MQX, F-2C9Q41 or 1f0c2a9b7e. Look at it once more.',
  'error.CREDENTIAL_INVALID':
    '{problem, select, required {The field {field} of the provider {provider} is missing. Give it.} unknown {The provider {provider} has no field {field}. Leave it out.} kind {The field {field} of the provider {provider} has a value of the wrong kind. Correct it.} characters {The field {field} of the provider {provider} has characters that do not fit. Correct it.} url {The field {field} of the provider {provider} is no web address. It begins with http:// or https://.} host {The field {field} of the provider {provider} is no host name. Correct it.} servers {The field {field} of the provider {provider} is no list of IP addresses. Correct it.} other {The field {field} of the provider {provider} does not fit: {problem}. Correct it.}}',
  'error.APPLICATION_DIED':
    '{exitCode, select, memoryLimit {{name} took more memory than its plan gives as soon as it was started, and was ended. Choose a bigger plan.} other {{name} ended as soon as it was started (exit code {exitCode}).}} Its last line was: {lastLine}',
  'error.APPLICATION_NOT_HEALTHY':
    '{name} runs, but {path} did not answer well within {seconds} s; the last answer was {answered}. Look at its log, then continue or undo.',
  'error.SETUP_FAILED':
    '{exitCode, select, memoryLimit {Setting up {name} took more memory than its plan gives, and was ended. Choose a bigger plan.} other {Setting up {name} ended with exit code {exitCode}.}} Its last line was: {lastLine}',
  'error.INSTANCE_WITHOUT_USER':
    '{reason, select, noUsers {The agent is root, and its system lets it become no other user, so no application is started: it would be root too. Start the agent as an ordinary user, or give its container the rights CHOWN, DAC_OVERRIDE, KILL, SETUID and SETGID.} other {The agent is root, and users of applications may not pass the folder {path}, so no application is started: it would be root too. Open the way with chmod o+x {path}, then continue.}}',
  'error.INSTANCE_STATE':
    '{name} is {state, select, made {not finished yet} running {running} stopped {stopped} suspended {suspended} other {being removed}} and cannot be {wanted, select, start {started} stop {stopped} restart {restarted} suspend {suspended} resume {resumed} handOver {handed over} check {checked} remove {removed} other {changed so}} now.',
  'error.PLAN_NOT_OF_PACKAGE': 'The plan {plan} does not belong to {packageId}. Choose one of its own plans.',
  'error.DNS_REFUSED':
    '{reason, select, ECONNREFUSED {Nothing answers at the name server {server} of {domain}. Start it or open the way to it, then continue.} ECONNRESET {Nothing answers at the name server {server} of {domain}. Start it or open the way to it, then continue.} EHOSTUNREACH {There is no way from this computer to the name server {server} of {domain}. Check the network, then continue.} ENETUNREACH {There is no way from this computer to the name server {server} of {domain}. Check the network, then continue.} ENOTFOUND {The name server {server} of {domain} cannot be found by its name. Check its address, then continue.} lame {{server} has no say about {name}: it does not have the zone, or the name is delegated to other name servers. Mend the delegation or the list of name servers, then continue.} REFUSED {{server} has no say about {name}: it does not have the zone, or the name is delegated to other name servers. Mend the delegation or the list of name servers, then continue.} NOTAUTH {{server} has no say about {name}: it does not have the zone, or the name is delegated to other name servers. Mend the delegation or the list of name servers, then continue.} SERVFAIL {{server} has the zone of {domain}, but fails to answer about {name} (SERVFAIL): a record or a signature there is broken. Look into its log, then continue.} FORMERR {{server} does not understand the question about {name}. Is it a name server that answers for {domain}? Check the list of name servers, then continue.} NOTIMP {{server} does not understand the question about {name}. Is it a name server that answers for {domain}? Check the list of name servers, then continue.} other {The name server {server} of {domain} refuses to change {name}: {reason}. Check the right of its key, then continue.}}',
  'error.DNS_SLOW': 'The name server {server} of {domain} did not answer about {name} within {seconds} s. Continue to ask again.',
  'error.DNS_UNSAFE':
    '{name} already has a record that is not ours ({found}). We leave it alone; choose another name or remove it yourself.',
  'error.DNS_ZONE_MISSING': 'The name server {server} does not know the domain {domain}. Make the zone there first.',
  'error.DNS_DELEGATED':
    'The zone {zone} hands {name} on to other name servers ({servers}), so nobody would be answered with what we write for {domain}. Add {domain} with the name server that has it, or take the delegation out first.',
  'error.DNS_CREDENTIALS':
    'The name server {server} of {domain} does not accept the key. Give it the right one on the page Domains, then go on.',
  'error.DOMAIN_IN_USE':
    '{domain} is still in use: {instances, plural, =0 {} one {# instance stands below it} other {# instances stand below it}}{instances, plural, =0 {} other {{jobs, plural, =0 {} other { and }}}}{jobs, plural, =0 {} one {# job that has not ended needs it} other {# jobs that have not ended need it}}. Remove the instances and end the jobs first.',
  'error.DOMAIN_OF_DEMO': '{domain} belongs to the demo farm and goes with it. Remove the demo farm on the page Settings.',
  'error.OUTSIDE_NAME': '{address} is answered with {found} by its name server, but should be {expected}. Continue to ask again.',
  'error.OUTSIDE_CONNECT': '{address} cannot be reached from outside ({cause}). Check the firewall in front of the server, then continue.',
  'error.OUTSIDE_TLS': '{address} answers, but its certificate is not right: {cause}. Mend the certificate, then continue.',
  'error.OUTSIDE_PAGE':
    'Visitors of {address} do not get the page that says {page, select, suspended {it is suspended} other {it does not answer}}: {status, select, 503 {they get another one} other {they get an answer with status {status}}}. Check where the name leads, then try again.',
  'error.OUTSIDE_STATUS': '{address} answers {status} instead of {expected}. Look at the log of the application, then continue.',
  'error.CERTIFICATE_INVALID': 'The certificate cannot be used: {problem}.',
  'error.CERTIFICATE_KEY_MISMATCH': 'The key does not belong to the certificate {certificate}.',
  'error.CERTIFICATE_MISSING': '{domain} has no certificate yet.',
  'error.DEMO_NOT_HERE':
    'A demo farm cannot be made on this computer: its servers are agents, and those run on Linux and Windows, not on macOS. Try it on another computer, or start a farm of your own.',
  'error.HOME_HALF_WRITTEN':
    '{problem, select, foreign {{path} is there, so this is not the folder of a farm. Nothing was changed. Name another folder, or an empty one.} other {{path} is damaged, and was left as it is. Put it back from a copy of the folder of the farm, or start in an empty folder.}}',
  'error.HOME_LOCKED': 'The farm at {path} is already open in process {processId}. Use that one.',
  'error.HOME_NEWER': 'The farm at {path} was last opened by a newer Farmstead ({home}); this is {program}. Update this program.',
  'error.SECRETS_LOCKED':
    'The secrets of this farm cannot be opened here (tried: {keepers}). Give the passphrase, or open the farm where it was made.',
  'error.PROGRAM_DAMAGED':
    'The file {path} of Farmstead is missing or damaged, so no agent can be started on this computer. Install Farmstead again, then try once more.',
  'error.NO_PROGRAM_RUNNING': 'No Farmstead is running for {path}. Start it with: npm start',
  'error.LINK_USED': 'This link was used already or is older than a minute. Start the program again to get a new one.',
  'error.SIGN_IN_NEEDED': 'You are not signed in here. Open the program again.',
  'error.TOO_MANY_STREAMS': 'This window or program follows {most} things already, which is as many as one may. Close some of them first.',
  'error.PERMISSION_MISSING':
    '{needed, select, look {You may not look at this.} operate {You may look, but not change instances. Ask the owner of the farm.} other {Only an owner of the farm may do this.}}',
  'error.STORE_CONFLICT': 'Something else changed {table} at the same moment. Try once more.',
  'error.STORE_FULL': 'The disk of this computer is full, so {path} could not be written. Free some room, then try again or continue.',
  'error.EXISTS': '{name} is there already.',
  'error.INTERNAL':
    'This should not have happened. Nothing more is known here than the reference {reference}; the program’s log has the rest.',
} as const satisfies Record<`error.${ErrorCode | 'INTERNAL'}`, string>;
