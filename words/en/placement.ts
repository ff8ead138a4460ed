/** One sentence per server. The arguments are the fields of `contract/api/placement-reason.ts`. */
export const placement = {
  'placement.reason.best':
    'Best: {freePercent, number} % of {resource, select, memory {memory} cpu {the processor} other {the disk}} is free at its busiest hour{package, select, there {, and the package is already there} other {}}{unmeasuredCount, plural, =0 {} one {; # new instance is counted with its full plan} other {; # new instances are counted with their full plans}}.',
  'placement.reason.only':
    'The only one with room: {freePercent, number} % of {resource, select, memory {memory} cpu {the processor} other {the disk}} is free at its busiest hour{package, select, there {, and the package is already there} other {}}{unmeasuredCount, plural, =0 {} one {; # new instance is counted with its full plan} other {; # new instances are counted with their full plans}}.',
  'placement.reason.good':
    'Good too: {freePercent, number} % of {resource, select, memory {memory} cpu {the processor} other {the disk}} is free at its busiest hour{package, select, there {, and the package is already there} other {}}{unmeasuredCount, plural, =0 {} one {; # new instance is counted with its full plan} other {; # new instances are counted with their full plans}}.',
  'placement.reason.tight':
    'Fits, but only {freeAfterPercent, number} % of {resource, select, memory {memory} cpu {the processor} other {the disk}} would stay free at its busiest hour.',
  'placement.reason.best-unmeasured':
    'Best: {freePercent, number} % of {resource, select, memory {memory} cpu {the processor} other {the disk}} is not promised to anyone{package, select, there {, and the package is already there} other {}}. Its load is not measured yet.',
  'placement.reason.only-unmeasured':
    'The only one with room: {freePercent, number} % of {resource, select, memory {memory} cpu {the processor} other {the disk}} is not promised to anyone{package, select, there {, and the package is already there} other {}}. Its load is not measured yet.',
  'placement.reason.good-unmeasured':
    'Good too: {freePercent, number} % of {resource, select, memory {memory} cpu {the processor} other {the disk}} is not promised to anyone{package, select, there {, and the package is already there} other {}}. Its load is not measured yet.',
  'placement.reason.draining': 'No: it is being emptied for maintenance.',
  'placement.reason.leaving': 'No: it is being taken out of the farm.',
  'placement.reason.joining': 'No: it is still joining the farm.',
  'placement.reason.maintenance': 'No: it is held for maintenance.',
  'placement.reason.never-seen': 'No: its agent was never heard.',
  'placement.reason.not-seen':
    'No: its agent was last heard {minutesAgo, plural, =0 {{secondsAgo, number} s} other {{minutesAgo, number} min}} ago.',
  'placement.reason.edge':
    'No: visitors do not reach the edge of {server}: {problem, select, portTaken {another program has port {port}} notListening {its system does not let it listen at port {port}} failed {it does not start} silent {it does not answer} other {at {address} nothing answers from here}}.',
  'placement.reason.platform': 'No: this package is not made for its system.',
  'placement.reason.memory':
    'No: {neededMegabytes, number} MB of memory do not fit, {leftMegabytes, number} MB are left after what is promised.',
  'placement.reason.disk':
    'No: {neededGigabytes, number} GB do not fit on its disk, {leftGigabytes, number} GB are left after what is promised.',
  'placement.reason.cpu':
    'No: its processor is too busy. The plan needs {neededPercent, number} % of a core, {leftPercent, number} % is left at its busiest hour.',
} as const;
