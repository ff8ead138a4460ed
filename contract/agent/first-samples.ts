import type { HostSample, InstanceMeasurement, InstanceSample, Measurements, Samples, ServerMeasurement } from './monitoring.ts';

/**
 * Between measurements by name and the first form of samples, which had a field for each metric. Both ends need it: today's core reads agents of
 * before, and today's agent serves cores of before and reads its own older files. The first form is frozen: a later metric has no place in it.
 */

export function namedServer({ atMs, ...sample }: HostSample): ServerMeasurement {
  return {
    atMs,
    values: {
      cpu: sample.cpuMillicores,
      memory: sample.memoryBytes,
      disk: sample.diskBytes,
      networkIn: sample.networkInBytesPerSecond,
      networkOut: sample.networkOutBytesPerSecond,
    },
  };
}

export function namedInstance({ instanceId, atMs, ...sample }: InstanceSample): InstanceMeasurement {
  const { cpuMillicores: cpu, memoryBytes: memory, health, answerMs: answer } = sample;
  return {
    instanceId,
    atMs,
    values: { cpu, memory, ...(health === null ? {} : { health }), ...(answer === null ? {} : { answer }) },
  };
}

/** What an agent of before sent, by name. Its zeros stay zeros: it could not say "absent". */
export function fromFirstForm({ host, instances }: Samples): Measurements {
  return { server: host.map(namedServer), instances: instances.map(namedInstance) };
}

/**
 * For a core of before. Where a number that it demands is absent there is no sample, which it shows as a gap; only the network's rates are 0, as they
 * were on systems that do not tell them.
 */
export function toFirstForm({ server, instances }: Measurements): Samples {
  return {
    host: server.flatMap(({ atMs, values: { cpu, memory, disk, networkIn = 0, networkOut = 0 } }) =>
      cpu === undefined || memory === undefined || disk === undefined
        ? []
        : {
            atMs,
            cpuMillicores: cpu,
            memoryBytes: memory,
            diskBytes: disk,
            networkInBytesPerSecond: networkIn,
            networkOutBytesPerSecond: networkOut,
          },
    ),
    instances: instances.flatMap(({ instanceId, atMs, values: { cpu, memory, health = null, answer = null } }) =>
      cpu === undefined || memory === undefined
        ? []
        : { instanceId, atMs, cpuMillicores: cpu, memoryBytes: memory, health, answerMs: answer },
    ),
  };
}
