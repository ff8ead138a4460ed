import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * A Debian in a virtual machine, emulated where there is no KVM: with a kernel, a systemd and groups of version 2 of its own. The first time it takes
 * about two minutes to make ready; what was made is kept.
 */
const programs = ['/usr/bin/qemu-system-x86_64', '/usr/sbin/debootstrap', '/usr/sbin/mke2fs', '/usr/bin/apt-get'];
/** Needs root, a Debian on x64, and the packages qemu-system-x86, debootstrap and e2fsprogs. */
export const canBoot = (): boolean => process.getuid?.() === 0 && process.arch === 'x64' && programs.every((path) => existsSync(path));
const within = [
  ...['systemd', 'systemd-sysv', 'dbus', 'dbus-user-session', 'libpam-systemd', 'linux-image-cloud-amd64'],
  ...['iproute2', 'nftables', 'procps', 'util-linux'],
];
/** Another one where what is made ready changes. */
const edition = 1;
const diskMegabytes = 1400;
const memoryMegabytes = 1536;
/** For each of the programs that make it ready: one that waits for ever for its packages is ended. */
const mostMs = 300_000;
const payloadMegabytes = 200;
export const guestUser = { name: 'farm', id: 1500 };

/** Where the guest finds what it is given. */
const payloadFolder = '/opt/farm';
const payloadUnit = ['[Unit]', 'DefaultDependencies=no', '[Mount]', 'What=/dev/vdb', `Where=${payloadFolder}`, 'Type=ext4', 'Options=ro'];
const guestUnit = [
  ...['[Unit]', `RequiresMountsFor=${payloadFolder}`, 'SuccessAction=poweroff-force', 'FailureAction=poweroff-force'],
  ...[
    '[Service]',
    'Type=oneshot',
    `ExecStart=${payloadFolder}/node ${payloadFolder}/guest.cjs`,
    'StandardOutput=tty',
    'TTYPath=/dev/ttyS1',
  ],
  ...['StandardError=journal+console', '[Install]', 'WantedBy=multi-user.target'],
];

function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 26, timeout: mostMs });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `${stderr}${stdout}`.slice(-2000)}`);
  return stdout;
}

/** Where this machine has its own packages from, and the name of its Debian. */
function source(): { readonly mirror: string; readonly release: string } {
  const format = ['$(REPO_URI)', '$(CODENAME)', '$(COMPONENT)'].join(' ');
  const targets = run('apt-get', 'indextargets', '--format', format, 'Created-By: Packages').split('\n');
  const release = run('sh', '-c', '. /etc/os-release; echo "$VERSION_CODENAME"').trim();
  const mirror = targets.map((line) => line.split(' ')).find(([, name, component]) => name === release && component === 'main')?.[0];
  if (mirror === undefined) throw new Error(`no packages of Debian ${release} are known here`);
  return { mirror, release };
}

async function makeReady(folder: string): Promise<void> {
  const { mirror, release } = source();
  const root = join(folder, 'root');
  run('debootstrap', '--variant=minbase', `--include=${within.join(',')}`, release, root, mirror);
  await copyFile(join(root, 'vmlinuz'), join(folder, 'kernel'));
  await copyFile(join(root, 'initrd.img'), join(folder, 'initrd'));
  await appendFile(join(root, 'etc', 'passwd'), `${guestUser.name}:*:${guestUser.id}:${guestUser.id}::/home/farm:/bin/sh\n`);
  await appendFile(join(root, 'etc', 'group'), `${guestUser.name}:x:${guestUser.id}:\n`);
  const units = join(root, 'etc', 'systemd', 'system');
  await writeFile(join(units, 'opt-farm.mount'), `${payloadUnit.join('\n')}\n`);
  await writeFile(join(units, 'guest.service'), `${guestUnit.join('\n')}\n`);
  await mkdir(join(units, 'multi-user.target.wants'), { recursive: true });
  await symlink('../guest.service', join(units, 'multi-user.target.wants', 'guest.service'));
  // Nobody logs in, and a console that asks for a name would take the second serial port.
  for (const unit of ['getty.target', 'apt-daily.timer', 'apt-daily-upgrade.timer', 'serial-getty@ttyS0.service', 'e2scrub_reap.service'])
    await symlink('/dev/null', join(units, unit));
  await writeFile(join(root, 'etc', 'hostname'), 'guest\n');
  await writeFile(join(root, 'etc', 'hosts'), '127.0.0.1 localhost guest\n');
  run('mke2fs', '-q', '-t', 'ext4', '-d', root, join(folder, 'disk.img'), `${diskMegabytes}M`);
  await rm(root, { recursive: true, force: true });
}

/**
 * The folder with kernel, first memory disk and disk, made where it is not there yet. Throws where the packages of the system cannot be had: it needs
 * those that this machine's own come from.
 */
export async function prepareMachine(): Promise<string> {
  const kept = join(homedir(), '.cache', 'farmstead');
  const folder = join(kept, `machine-${edition}`);
  if (existsSync(folder)) return folder;
  await mkdir(kept, { recursive: true });
  const making = await mkdtemp(join(kept, 'making-'));
  try {
    await makeReady(making);
    await rename(making, folder);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

export type Machine = {
  /** Resolves when it is off. */
  readonly off: Promise<void>;
  /** What the kernel and systemd said. */
  readonly console: () => Promise<string>;
  /** Switches it off and takes away what was made for it. */
  readonly close: () => Promise<void>;
};

/** Boots it with these files below `payloadFolder`, and hands on each line that its `guest.cjs` says; it ends with that. What it writes is lost. */
export async function bootMachine(files: Readonly<Record<string, string>>, onLine: (line: string) => void): Promise<Machine> {
  const system = await prepareMachine();
  const folder = await mkdtemp(join(tmpdir(), 'farm-machine-'));
  const payload = join(folder, 'payload');
  await mkdir(payload);
  await chmod(payload, 0o755);
  for (const [name, path] of Object.entries(files)) {
    await copyFile(path, join(payload, name));
    await chmod(join(payload, name), 0o755);
  }
  const payloadDisk = join(folder, 'payload.img');
  run('mke2fs', '-q', '-t', 'ext4', '-d', payload, payloadDisk, `${payloadMegabytes}M`);
  const consoleFile = join(folder, 'console');
  const drive = (file: string): string[] => ['-drive', `file=${file},format=raw,if=virtio`];
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...[
        '-accel',
        'tcg,thread=multi',
        '-cpu',
        'max',
        '-smp',
        '2',
        '-m',
        String(memoryMegabytes),
        '-nodefaults',
        '-no-reboot',
        '-snapshot',
      ],
      ...['-display', 'none', '-kernel', join(system, 'kernel'), '-initrd', join(system, 'initrd')],
      ...['-append', 'root=/dev/vda rw console=ttyS0 quiet mitigations=off audit=0'],
      ...[...drive(join(system, 'disk.img')), ...drive(payloadDisk)],
      ...['-device', 'virtio-rng-pci', '-serial', `file:${consoleFile}`, '-serial', 'stdio'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said: string[] = [];
  child.stderr.on('data', (piece: Buffer) => said.push(piece.toString()));
  createInterface(child.stdout).on('line', (line) => onLine(line.replaceAll('\r', '')));
  const off = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    off,
    console: async () => `${said.join('')}${await readFile(consoleFile, 'utf8').catch(() => '')}`,
    close: async () => {
      child.kill('SIGKILL');
      await off;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
