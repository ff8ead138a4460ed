import type { CommandValue, PackageManifest } from '#contract/package-manifest.ts';
import { isPattern } from './pattern.ts';

/** A place in a manifest and what is wrong there: a code with words in `error.MANIFEST_INVALID`. */
export type ManifestProblem = { readonly path: string; readonly problem: string };

type Placed = { readonly path: string; readonly value: CommandValue };

const placed = (path: string, values: readonly CommandValue[]): Placed[] =>
  values.map((value, index) => ({ path: `${path}.${index}`, value }));

/** Program and arguments: everybody on the server can read them in the list of processes. */
function visibleValues(manifest: PackageManifest): Placed[] {
  return [
    ...manifest.setup.flatMap((step, index) => placed(`setup.${index}.command`, step.command)),
    ...placed('start.command', manifest.start.command),
  ];
}

function hiddenValues(manifest: PackageManifest): Placed[] {
  const environment = Object.entries(manifest.start.environment).map(([key, value]) => ({ path: `start.environment.${key}`, value }));
  const files = manifest.files.flatMap((file, index) =>
    file.format === 'csv'
      ? file.rows.flatMap((row, number) => placed(`files.${index}.rows.${number}`, row))
      : Object.entries(file.value).map(([key, value]) => ({ path: `files.${index}.value.${key}`, value })),
  );
  return [...environment, ...files];
}

function parameterOf(value: CommandValue): string | undefined {
  return typeof value === 'string' || !value.from.startsWith('parameter.') ? undefined : value.from.slice('parameter.'.length);
}

function valueProblems(manifest: PackageManifest): ManifestProblem[] {
  const { properties } = manifest.parameters;
  const visible = visibleValues(manifest);
  const unknown = [...visible, ...hiddenValues(manifest)].filter(({ value }) => {
    const parameter = parameterOf(value);
    return parameter !== undefined && !Object.hasOwn(properties, parameter);
  });
  const secret = visible.filter(({ value }) => {
    const parameter = parameterOf(value);
    return parameter !== undefined && Object.hasOwn(properties, parameter) && properties[parameter]?.['x-secret'] === true;
  });
  return [
    ...unknown.map(({ path }) => ({ path, problem: 'unknownParameter' })),
    ...secret.map(({ path }) => ({ path, problem: 'secretInCommand' })),
  ];
}

function parameterProblems(manifest: PackageManifest): ManifestProblem[] {
  const { properties, required } = manifest.parameters;
  const { signIn } = manifest.health;
  const named: readonly (readonly [path: string, parameter: string | undefined])[] = [
    ...required.map((parameter, index) => [`parameters.required.${index}`, parameter] as const),
    ['health.signIn.userName', signIn?.userName],
    ['health.signIn.password', signIn?.password],
    ['handOver.userName', manifest.handOver.userName],
    ['handOver.password', manifest.handOver.password],
  ];
  const problems: ManifestProblem[] = named
    .filter(([, parameter]) => parameter !== undefined && !Object.hasOwn(properties, parameter))
    .map(([path]) => ({ path, problem: 'unknownParameter' }));
  for (const [name, schema] of Object.entries(properties)) {
    const path = `parameters.properties.${name}`;
    if (schema.pattern !== undefined && !isPattern(schema.pattern)) problems.push({ path: `${path}.pattern`, problem: 'noPattern' });
    if (schema['x-generate'] !== undefined && schema.type !== 'string') problems.push({ path, problem: 'onlyStringsGenerate' });
    if (schema['x-secret'] === true && schema.default !== undefined) problems.push({ path: `${path}.default`, problem: 'secretDefault' });
    const { default: value } = schema;
    const type = schema.type === 'integer' ? 'number' : schema.type;
    if (value !== undefined && typeof value !== type) problems.push({ path: `${path}.default`, problem: 'defaultType' });
  }
  return problems;
}

function repeated(path: string, keys: readonly string[]): ManifestProblem[] {
  return keys.flatMap((key, index) => (keys.indexOf(key) < index ? [{ path, problem: 'twice' }] : []));
}

/** What the shape alone does not show: names that point nowhere, names given twice, secrets where everybody could read them. */
export function manifestProblems(manifest: PackageManifest): readonly ManifestProblem[] {
  const { handOver } = manifest;
  const platforms = manifest.payload.flatMap((payload) => payload.platforms.map(({ os, arch }) => `${os}-${arch}`));
  return [
    ...valueProblems(manifest),
    ...parameterProblems(manifest),
    ...(handOver.passwordChange !== undefined && handOver.password === undefined
      ? [{ path: 'handOver.passwordChange', problem: 'noPassword' }]
      : []),
    ...repeated('payload', platforms),
    ...repeated(
      'plans',
      manifest.plans.map((plan) => plan.key),
    ),
    ...repeated(
      'setup',
      manifest.setup.map((step) => step.id),
    ),
  ];
}
