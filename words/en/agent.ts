export const agent = {
  'agent.help':
    'Farmstead agent: runs and watches the instances of one server.\n\n  run --home FOLDER         run the agent of this folder\n      --listen HOST:PORT    where the core reaches it (127.0.0.1:7443)\n      --https HOST:PORT     where visitors come in (0.0.0.0:443)\n      --http HOST:PORT      where visitors are led to HTTPS (0.0.0.0:80)\n      --simulate memoryBytes=N,cpuMillicores=N,diskBytes=N\n                            show these capacities, labelled as simulated\n      --edge-bundle FILE    the edge to start (edge.cjs beside the agent)\n  code --home FOLDER        show the pairing code to type at the desk\n  --version                 show the version\n  --help                    show this',
  'agent.wrong': '“{argument}” is missing or cannot be understood. See what is possible with --help.',
  'agent.already': 'The agent of {home} is running already (process {processId}). Nothing was started.',
  'agent.code.shown':
    'Pairing code: {code}\nType it at the desk where a server is added. It works once, for {minutes, plural, one {one more minute} other {# more minutes}}.',
  'agent.code.none': 'There is no pairing code in {home}: either this agent belongs to a farm already, or it is not running.',
} as const;
