import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import * as x509 from '@peculiar/x509';
import { WebSocket } from 'ws';
import { agentProtocol, agentSubprotocol } from '#contract/agent/base.ts';
import { agentUri, coreUri } from '#contract/agent/identity.ts';
import type { AgentApi } from '#contract/agent/index.ts';
import type { SignedManifest } from '#contract/agent/packages.ts';
import { linkPath } from '#contract/agent/pairing.ts';
import { hashOf } from './applications.ts';

/** A farm of one core: enough of the other side to speak to a real agent process. */
const farmId = randomUUID();
const serverId = randomUUID();
const yearMs = 365 * 86_400_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

type Keys = { readonly privatePem: string; readonly publicKey: CryptoKey; readonly privateKey: CryptoKey };

async function makeKeys(): Promise<Keys> {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = key.export({ type: 'pkcs8', format: 'der' });
  const privateKey = await crypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
  const { d: _, key_ops: __, ...jwk } = await crypto.subtle.exportKey('jwk', privateKey);
  const publicKey = await crypto.subtle.importKey('jwk', { ...jwk, key_ops: ['verify'] }, algorithm, true, ['verify']);
  return { privatePem: key.export({ type: 'pkcs8', format: 'pem' }).toString(), publicKey, privateKey };
}

async function makeFarm() {
  const dates = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + yearMs) };
  const authorityKeys = await makeKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...dates,
    name: 'CN=test agents',
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true), new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true)],
  });
  const leaf = async (uri: string): Promise<{ chainPem: string; keyPem: string }> => {
    const keys = await makeKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      ...dates,
      subject: 'CN=test',
      issuer: authority.subject,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']),
        new x509.SubjectAlternativeNameExtension([{ type: 'url', value: uri }]),
      ],
    });
    return { chainPem: `${certificate.toString('pem')}\n`, keyPem: keys.privatePem };
  };
  const authorityPem = `${authority.toString('pem')}\n`;
  return {
    authorityPem,
    authorityKeyPem: authorityKeys.privatePem,
    core: await leaf(coreUri(farmId, 1)),
    agent: await leaf(agentUri(farmId, serverId)),
  };
}

export type TestFarm = Awaited<ReturnType<typeof openTestFarm>>;
export type RunningAgent = Awaited<ReturnType<typeof startAgentProcess>>;

export async function openTestFarm() {
  const farm = await makeFarm();
  return {
    farmId,
    /** Makes the home's agent a member of this farm, as pairing would. */
    adopt: async (home: string): Promise<void> => {
      const folder = join(home, 'state', 'link');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const { chainPem, keyPem } = farm.agent;
      const identity = {
        farmId,
        farmName: 'Test',
        serverId,
        chainPem,
        authorityPem: farm.authorityPem,
        highestEpoch: 1,
        isConfirmed: true,
        joinedAtMs: 1,
      };
      await writeFile(join(folder, 'key.pem'), keyPem, { mode: 0o600 });
      await writeFile(join(folder, 'identity.json'), JSON.stringify(identity), { mode: 0o600 });
    },
    signManifest: (manifestJson: string): SignedManifest => {
      const manifestHash = hashOf(manifestJson);
      const text = Buffer.from(`farmstead-manifest\n${farmId}\n${manifestHash}`);
      return {
        farmId,
        manifestJson,
        manifestHash,
        signature: sign('sha256', text, createPrivateKey(farm.authorityKeyPem)).toString('base64'),
      };
    },
    /** Dials an agent and says hello. */
    dial: async (port: number) => {
      const socket = new WebSocket(`wss://127.0.0.1:${port}${linkPath}`, agentSubprotocol, {
        cert: farm.core.chainPem,
        key: farm.core.keyPem,
        rejectUnauthorized: false,
        perMessageDeflate: false,
      });
      await new Promise<void>((resolve, reject) => {
        socket.once('open', () => resolve());
        socket.once('error', reject);
      });
      socket.on('error', () => undefined);
      const client: ContractRouterClient<AgentApi> = createORPCClient(new RPCLink({ websocket: socket as never }));
      await client.link.hello({ farmId, serverId, epoch: 1, coreVersion: 'test', protocol: agentProtocol, nowMs: Date.now() });
      return { client, close: () => socket.terminate() };
    },
  };
}

export type AddressFile = { readonly processId: number; readonly linkPort: number; readonly httpsPort: number; readonly httpPort: number };

/** Starts `node <script> run` on free ports and waits until it listens. `exited` resolves with its exit code or the signal's name. */
export async function startAgentProcess(
  script: string,
  home: string,
  environment: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
) {
  const started = Date.now();
  const ports = [
    '--listen',
    '127.0.0.1:0',
    '--https',
    '127.0.0.1:0',
    '--http',
    '127.0.0.1:0',
    '--port-rules',
    'off',
    '--edge-workers',
    '1',
  ];
  const child = spawn(process.execPath, [script, 'run', '--home', home, ...ports, ...more], {
    env: { ...process.env, FARM_FAIL_POINT: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece.toString()));
  const exited = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? String(code))));
  let end: string | undefined;
  void exited.then((how) => (end = how));
  for (;;) {
    const text = await readFile(join(home, 'agent.json'), 'utf8').catch(() => '');
    const address = text === '' ? undefined : (JSON.parse(text) as AddressFile);
    const isItsOwn = address?.processId === child.pid;
    if (address !== undefined && isItsOwn)
      return { address, exited, output: () => output, kill: (signal: NodeJS.Signals) => child.kill(signal) };
    if (end !== undefined || Date.now() - started > 15_000) throw new Error(`the agent did not start: ${end ?? 'silent'} ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
