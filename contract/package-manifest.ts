import * as z from 'zod';
import { packageId, sha256 } from './ids.ts';
import { line } from './plain-text.ts';

/**
 * An application package: data in `assets/packages/<id>/manifest.json`. The core parses, hashes and signs it; an agent runs only a
 * manifest whose hash the core signed for its farm. Commands are argument arrays; nothing ever passes a shell.
 */

/** A text in the languages of the program; English is always there. */
export const localized = z.object({ en: line.min(1), ru: line.min(1).optional() });
export type Localized = z.infer<typeof localized>;

const relativePath = line
  .min(1)
  .max(240)
  .refine(
    (path) => !/^[/\\]|^[A-Za-z]:|\\|\0/.test(path) && !path.split('/').includes('..'),
    'must be a relative path with forward slashes and no ".."',
  );

/** What a placeholder may stand for. `payload` and `data` are folders, `runtime` the program that runs the package. */
export const placeholder = z.union([
  z.enum(['runtime', 'payload', 'data', 'port', 'listenHost', 'url', 'host', 'instanceName']),
  z.string().regex(/^parameter\.[a-zA-Z][a-zA-Z0-9]*$/) as z.ZodType<`parameter.${string}`>,
]);
export type Placeholder = z.infer<typeof placeholder>;

/**
 * One whole argument or environment value: a literal, or one placeholder with a fixed text before it (`port=`) or, for folders,
 * a relative path below it. A value never becomes two arguments.
 */
const filled = z.strictObject({ from: placeholder, prefix: line.max(60).optional(), path: relativePath.optional() });
export const commandValue = z.union([line.max(8000), filled]);
export type CommandValue = z.infer<typeof commandValue>;

/** What is run is the runtime or a file of the package, by its path below the payload: never a program of the server, and never what a parameter says. */
const isProgram = ([program]: readonly CommandValue[]): boolean =>
  typeof program === 'object' &&
  program.prefix === undefined &&
  (program.from === 'runtime' ? program.path === undefined : program.from === 'payload' && program.path !== undefined);
const command = z.array(commandValue).min(1).max(200).refine(isProgram, 'must begin with the runtime or with a path below the payload');

/**
 * Names of variables that a package may set. Not ours, not what steers the loader, the C library, a shell or the runtime before the application begins
 * (ld.so(8), `node --help`), and not what says where the instance is: those are the agent's. Windows tells no case apart.
 */
const steering =
  /^(FARM|LD|DYLD|GLIBC|MALLOC|GCONV|RES|LOCPATH|NLSPATH|OPENSSL|SSL|BASH|SYSTEMD|NOTIFY|LISTEN)(_|$)|^NODE_(?!ENV$)|^(PATH|HOME|TMP|TEMP|TMPDIR|LOCPATH|NLSPATH|ENV|IFS|SHELLOPTS|PATHEXT|COMSPEC|SYSTEMROOT|WINDIR|HOSTALIASES|UV_THREADPOOL_SIZE)$/i;
export const environmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)
  .refine((name) => !steering.test(name), 'may not be set by a package');

export const platform = z.strictObject({ os: z.enum(['linux', 'windows']), arch: z.enum(['x64', 'arm64']) });
export type Platform = z.infer<typeof platform>;

const payloadSource = z.discriminatedUnion('kind', [
  /** Built by the core from `lockFolder`'s package.json and package-lock.json, install scripts off, as a deterministic archive. */
  z.strictObject({
    kind: z.literal('npm'),
    lockFolder: relativePath,
    /** Paths of the installed tree that are not packed, and paths below them that are all the same. The longest that fits decides. */
    leaveOut: z.array(relativePath).optional(),
    keep: z.array(relativePath).optional(),
  }),
  z.strictObject({ kind: z.literal('directory'), path: relativePath }),
  z.strictObject({ kind: z.literal('zip'), path: relativePath, sha256 }),
]);

const parameterSchema = z.strictObject({
  type: z.enum(['string', 'integer', 'boolean']),
  title: localized,
  description: localized.optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** A regular expression in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax) that the whole value must match. */
  pattern: line.max(500).optional(),
  minLength: z.number().int().optional(),
  maxLength: z.number().int().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  enum: z.array(z.string()).optional(),
  /** Made by the core when the person gives none. */
  'x-generate': z.enum(['password', 'hex']).optional(),
  /** Never in argv, logs or lists; may go only into files and environment. */
  'x-secret': z.boolean().optional(),
});
export type ParameterSchema = z.infer<typeof parameterSchema>;

const setupStep = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  command,
  /** Below `data`; when it exists the step is done already. */
  creates: relativePath,
  timeoutSeconds: z.number().int().min(1).max(600),
});

/** A text of a file that we write in its own format may have lines, and is no argument: the format keeps it in its place. */
const fileText = z
  .string()
  .max(1_000_000)
  .regex(/^[^\0\p{Cs}]*$/u);
/** A small file written by us into the data folder with mode 0600, escaped by its format, so that values cannot break out. */
const writtenFile = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal('csv'), path: relativePath, rows: z.array(z.array(commandValue)) }),
  z.strictObject({ format: z.literal('json'), path: relativePath, value: z.record(z.string(), z.union([fileText, filled])) }),
]);

export const plan = z.strictObject({
  key: z.string().regex(/^[A-Z0-9]{1,8}$/),
  name: localized,
  memoryBytes: z.number().int().positive(),
  /** Thousandths of one core. */
  cpuMillicores: z.number().int().positive(),
  diskBytes: z.number().int().positive(),
});

/** Can the customer change the first password? `inside`: in the application, and `where` is a sentence that leads there. */
const passwordChange = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('inside'), where: localized }),
  z.strictObject({ kind: z.literal('never') }),
]);

/**
 * What an application asks to reach on its server beside itself: TCP ports of this computer (127.0.0.1, ::1), and the address where a cloud hands out its
 * keys (169.254.169.254, fd00:ec2::254). It gets that only where an owner agreed. Agents get it with each instance, not with the manifest.
 */
const networkAsks = z.strictObject({
  loopbackPorts: z.array(z.number().int().min(1).max(65_535)).max(16).optional(),
  metadata: z.boolean().optional(),
});

export const packageManifest = z.strictObject({
  formatVersion: z.literal(1),
  id: packageId,
  version: z.string().regex(/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/),
  name: localized,
  summary: localized,
  logo: relativePath,
  payload: z.array(z.strictObject({ platforms: z.array(platform).min(1), source: payloadSource })).min(1),
  limits: z.strictObject({ payloadBytes: z.number().int().positive(), payloadEntries: z.number().int().positive() }),
  runtime: z.strictObject({ kind: z.literal('node'), major: z.number().int() }),
  parameters: z.strictObject({
    type: z.literal('object'),
    properties: z.record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/), parameterSchema),
    required: z.array(z.string()),
  }),
  files: z.array(writtenFile),
  setup: z.array(setupStep),
  start: z.strictObject({ command, environment: z.record(environmentName, commandValue) }),
  /** Folders below `data` that hold what the customer made. */
  dataFolders: z.array(relativePath),
  health: z.strictObject({
    path: z.string().startsWith('/'),
    acceptedStatus: z.array(z.number().int()).min(1),
    /** HTTP Basic credentials from these parameters (RFC 7617); absent: the check does not sign in. */
    signIn: z.strictObject({ userName: z.string(), password: z.string() }).optional(),
    intervalSeconds: z.number().int().min(1),
    timeoutSeconds: z.number().int().min(1),
    /** How long a start may take until it counts as not healthy. */
    startSeconds: z.number().int().min(1).max(600),
    /**
     * An application that has answered and then gives no answer at all for this long hangs, and is started again. Absent: 60. 0: never. Agents get it with
     * each instance, not with the manifest.
     */
    hangSeconds: z.number().int().min(0).max(86_400).optional(),
  }),
  /** The application's own self-check, where it has one: JSON at `path`, good when `acceptedStatus` and the fields match. */
  selfCheck: z
    .strictObject({ path: z.string().startsWith('/'), acceptedStatus: z.array(z.number().int()).min(1), fields: z.array(z.string()) })
    .optional(),
  network: networkAsks.optional(),
  stop: z.strictObject({ graceSeconds: z.number().int().min(1).max(120) }),
  plans: z.array(plan).min(1),
  backup: z.array(relativePath),
  handOver: z.strictObject({
    path: z.string().startsWith('/'),
    userName: z.string().optional(),
    password: z.string().optional(),
    /** For the customer's letter, which says nothing of it when this is absent. Never sent to agents. */
    passwordChange: passwordChange.optional(),
    note: localized,
  }),
});
export type PackageManifest = z.infer<typeof packageManifest>;
