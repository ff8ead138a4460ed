import { fileURLToPath } from 'node:url';
import { agentKeyOf } from '../../agent/start-agent.ts';
import { chooseOs } from '../../agent/os/choose-os.ts';
import { makeCertificate } from '../../agent/edge/testing/make-certificate.ts';
import { applicationSource, hashOf, testManifest, testSpec } from '../../agent/testing/applications.ts';
import { makeArchive } from '../../agent/testing/archives.ts';
import { temporaryHome } from '../../agent/testing/test-agent.ts';
import { openTestFarm, startAgentProcess } from '../../agent/testing/test-core.ts';

const names = ['anna', 'boris', 'clara'];
/** As every agent is started (src-main/drivers/local-agents/start-agent.ts); the third flag of that line the agent sets itself. */
const memoryOptions = '--max-semi-space-size=1 --max-old-space-size=64';
const bundle = fileURLToPath(new URL('../../dist/agent/agent.cjs', import.meta.url));

/** The built agent as it stands on a server: three instances with routes and a certificate, and a core that listens to all it tells. */
export async function startAgentWithInstances() {
  const farm = await openTestFarm();
  const archive = await makeArchive([{ name: 'app.cjs', text: applicationSource }]);
  const { folders, remove } = await temporaryHome();
  const os = chooseOs();
  const close = async (stop?: () => Promise<unknown>): Promise<void> => {
    await stop?.();
    const key = agentKeyOf(folders.home);
    for (const found of [os.findMarked(key), os.findMarked(`edge-${key}`)])
      for (const identity of [...found.values()].flat()) await os.killTree(identity);
    await remove();
  };
  try {
    await farm.adopt(folders.home);
    const agent = await startAgentProcess(bundle, folders.home, { NODE_OPTIONS: memoryOptions });
    const core = await farm.dial(agent.address.linkPort);
    const { client } = core;
    const payload = { sha256: hashOf(archive), sizeBytes: archive.byteLength };
    // asked as often as TiddlyWiki is
    const health = { path: '/health', acceptedStatus: [200], intervalSeconds: 10, timeoutSeconds: 5, startSeconds: 60 };
    const manifest = farm.signManifest(JSON.stringify(testManifest({ health })));
    await client.packages.upload({ payload, offset: 0, data: archive.toString('base64') });
    await client.packages.install({ manifest, payload });
    const { certificate, keyPem } = await makeCertificate(['*.farm.localhost']);
    await client.certificates.install({ certificate, keyPem });
    for (const name of names) {
      const spec = testSpec(name, 'healthy', { manifestHash: manifest.manifestHash, payload: payload.sha256 });
      await client.instances.create(spec);
      const { port } = await client.instances.start({ instanceId: name });
      const target = { host: '127.0.0.1', port };
      await client.edge.putRoute({ host: spec.host, instanceId: name, target, state: 'running', language: 'en', providerName: 'Farm' });
    }
    const listen = async (events: AsyncIterable<unknown>): Promise<void> => {
      for await (const _ of events);
    };
    for (const events of [await client.instances.watch(), await client.monitoring.watch()]) void listen(events).catch(() => undefined);
    const edge = await client.edge.status();
    return {
      names,
      client,
      authorityPem: certificate.chainPem,
      agentProcess: agent.address.processId,
      edgeProcess: edge.processId,
      edgePort: edge.httpsPort,
      close: () =>
        close(async () => {
          core.close();
          agent.kill('SIGKILL');
          await agent.exited;
        }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
