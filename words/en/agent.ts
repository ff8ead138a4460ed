export const agent = {
  'agent.help':
    'Farmstead agent: runs and watches the instances of one server.\n\n  run --home FOLDER         run the agent of this folder\n      --listen HOST:PORT    where the core reaches it (127.0.0.1:7443)\n      --https HOST:PORT     where visitors come in (0.0.0.0:443)\n      --http HOST:PORT      where visitors are led to HTTPS (0.0.0.0:80)\n      --simulate memoryBytes=N,cpuMillicores=N,diskBytes=N\n                            show these capacities, labelled as simulated\n      --edge-bundle FILE    the edge to start (edge.cjs beside the agent)\n      --edge-workers N      processes that serve visitors (one a core, at most 4);\n                            a running edge takes it up at its next start\n  code --home FOLDER        show the pairing code to type at the desk,\n                            and the key as four words to compare there\n  --version                 show the version\n  --help                    show this',
  'agent.wrong': '“{argument}” is missing or cannot be understood. See what is possible with --help.',
  'agent.already': 'The agent of {home} is running already (process {processId}). Nothing was started.',
  'agent.code.shown':
    'Pairing code: {code}\nType it at the desk where a server is added. It works once, for {minutes, plural, one {one more minute} other {# more minutes}}.',
  'agent.code.joined': 'This agent belongs to the farm {farm}. It shows a pairing code again once it was taken out there.',
  'agent.code.none':
    'There is no pairing code in {home} now: the agent does not run, or is just making a new one. Start it, or ask again in a few seconds.',
  'agent.code.noAgent': 'There is no agent in {home}. Start it there first, or name the folder in which it runs.',
  'agent.code.denied': 'You may not read {path}. Ask again as the user who runs the agent, or as an administrator.',
  'agent.code.damaged': '{path} is damaged and was left as it is. Without it this agent cannot say who it is.',
  'agent.code.key':
    'Key: {words}\nThe desk shows the same four words when this server has joined. If they differ, another computer joined.',
} as const;
