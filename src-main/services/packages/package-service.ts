import type { SignedManifest } from '#contract/agent/packages.ts';
import type { PackageView } from '#contract/api/packages.ts';
import { FarmError } from '#contract/errors.ts';
import { type Language, type PackageId, sha256 } from '#contract/ids.ts';
import { localizedText } from '#contract/localized-text.ts';
import { isAgreed, networkAsked } from '../../model/packages/network-asks.ts';
import { defaultPackageId, inPackageOrder, platformKey } from '../../model/packages/order.ts';
import { inPlanOrder, planViewOf } from '../../model/plans/plan-view.ts';
import type { Farm } from '../../model/settings/farm.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { BuiltPayload, ManifestFile, Payloads } from '../../ports/payloads.ts';
import type { AuthorityKeys, Pki } from '../../ports/pki.ts';
import type { Log } from '../../ports/request.ts';
import type { PackageAccess, PackageSources } from '../../ports/access.ts';
import type { Store } from '../../ports/store.ts';
import { createNetworkAgreements, type NetworkAgreements } from './network-agreements.ts';
import { packageRowId, removeUnused, savePackage, seedPlans } from './package-rows.ts';
import { createPackagesOn } from './packages-on.ts';

export type PackageService = PackageAccess &
  PackageSources &
  Pick<NetworkAgreements, 'agree'> & {
    /** Reads every package of this computer and seeds rows and plans. Repeatable; does nothing before there is a farm. Throws `MANIFEST_INVALID`. */
    readonly sync: () => Promise<void>;
    /**
     * Builds the payloads of every package for the platforms of the farm's servers, so that the first create need not wait. Failures are logged: a
     * create tells of them again when it needs the payload.
     */
    readonly prepare: (extraPlatforms?: readonly string[]) => Promise<void>;
    readonly list: (language: Language) => Promise<readonly PackageView[]>;
    /** What was last seen; no request. */
    readonly hasOn: (serverId: string, packageId: string) => boolean;
    /** Asks a server what it has, for `hasOn`: after each connection. */
    readonly look: (serverId: string) => Promise<void>;
  };

type Deps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly payloads: Payloads;
  readonly agents: Pick<Agents, 'client'>;
  readonly pki: Pki;
  readonly agentAuthority: () => Promise<AuthorityKeys>;
  /** Instances that are there are to follow: those of servers that are away when they are back. */
  readonly putInOrder: () => void;
  /** Undefined before there is one. */
  readonly farm: () => Farm | undefined;
};

/** Application packages: what this computer has, what the farm knows, what each server got. */
export function createPackageService(deps: Deps): PackageService {
  const { store, payloads } = deps;
  let read: Promise<ReadonlyMap<string, ManifestFile>> | undefined;

  const readAll = (): Promise<ReadonlyMap<string, ManifestFile>> => {
    const reading = payloads.manifests().then((files) => new Map(files.map((file) => [String(file.manifest.id), file])));
    read = reading;
    reading.catch(() => {
      if (read === reading) read = undefined;
    });
    return reading;
  };
  const theFarm = (): Farm => {
    const farm = deps.farm();
    if (farm === undefined) throw new FarmError('NOT_FOUND', { kind: 'farm', name: '' });
    return farm;
  };
  const manifest = async (packageId: string): Promise<ManifestFile> => {
    const file = (await (read ?? readAll())).get(packageId);
    if (file === undefined) throw new FarmError('NOT_FOUND', { kind: 'package', name: packageId });
    return file;
  };
  const sign = async (manifestHash: string): Promise<string> => {
    const { keyPem } = await deps.agentAuthority();
    return deps.pki.sign(keyPem, `farmstead-manifest\n${theFarm().id}\n${manifestHash}`);
  };
  const signed = async (packageId: string): Promise<SignedManifest> => {
    const file = await manifest(packageId);
    const farm = theFarm();
    const row = await store.packages.get(packageRowId(file));
    const isKept = row?.farmId === farm.id && row.manifestHash === file.manifestHash;
    const signature = isKept ? row.signature : await sign(file.manifestHash);
    return { farmId: farm.id, manifestJson: file.manifestJson, manifestHash: sha256.parse(file.manifestHash), signature };
  };

  const sync = async (): Promise<void> => {
    const farm = deps.farm();
    if (farm === undefined) return;
    const files = [...(await readAll()).values()];
    const signatures = new Map<ManifestFile, string>();
    for (const file of files) {
      const row = await store.packages.get(packageRowId(file));
      signatures.set(
        file,
        row?.manifestHash === file.manifestHash && row.farmId === farm.id ? row.signature : await sign(file.manifestHash),
      );
    }
    await store.transaction(async (tables) => {
      for (const file of files) {
        await savePackage(tables, farm.id, file, signatures.get(file) ?? '', deps.clock.nowMs());
        await seedPlans(tables, farm.id, file, deps.ids);
      }
      await removeUnused(tables, farm.id, files);
    });
  };

  /** Builds, and keeps with the row what came out, for screens and later comparison. */
  const build = async (file: ManifestFile, platform: string): Promise<BuiltPayload> => {
    const built = await payloads.build(file, platform);
    const { sha256: hash, sizeBytes } = built;
    await store.transaction(async (tables) => {
      const row = await tables.packages.get(packageRowId(file));
      if (row === undefined || row.manifestHash !== file.manifestHash || row.payloads[platform]?.sha256 === hash) return;
      await tables.packages.put({ ...row, payloads: { ...row.payloads, [platform]: { sha256: hash, sizeBytes } } });
    });
    return built;
  };
  const platformOf = async (serverId: string): Promise<string> => {
    const server = await store.servers.get(serverId);
    if (server === undefined) throw new FarmError('NOT_FOUND', { kind: 'server', name: serverId });
    return platformKey(server.facts);
  };

  const prepare = async (extraPlatforms: readonly string[] = []): Promise<void> => {
    const farm = deps.farm();
    if (farm === undefined) return;
    const servers = await store.servers.find({ farmId: farm.id });
    const platforms = new Set([...extraPlatforms, ...servers.map((server) => platformKey(server.facts))]);
    const files = [...(await (read ?? readAll())).values()].toSorted((one, other) => inPackageOrder(one.manifest.id, other.manifest.id));
    for (const file of files) {
      const offered = new Set(file.manifest.payload.flatMap((payload) => payload.platforms.map(platformKey)));
      // Before the first server has joined its platform is a guess, and most payloads are the same on all.
      const wanted = platforms.size === 0 ? [...offered].slice(0, 1) : [...platforms].filter((one) => offered.has(one));
      for (const platform of wanted) {
        await build(file, platform).catch((error: unknown) => {
          const packageId: PackageId = file.manifest.id;
          deps.log.warn('packages.prepare', { packageId, platform, error: error instanceof Error ? error.message : String(error) });
        });
      }
    }
  };

  const agreements = createNetworkAgreements({ store, clock: deps.clock, farm: theFarm, manifest });
  const askedOf = async ({ manifest: asking }: ManifestFile): Promise<Pick<PackageView, 'network'>> => {
    const network = networkAsked(asking);
    return network === undefined ? {} : { network: { ...network, isAgreed: isAgreed(network, await agreements.agreed(asking.id)) } };
  };

  return {
    sync,
    prepare,
    manifest,
    signed,
    build,
    platformOf,
    list: async (language) => {
      const plans = (await store.plans.find({ farmId: theFarm().id })).toSorted(inPlanOrder);
      const files = [...(await (read ?? readAll())).values()].toSorted((one, other) => inPackageOrder(one.manifest.id, other.manifest.id));
      const asked = await Promise.all(files.map(askedOf));
      return files.map(({ manifest: { id, version, name, summary, parameters, payload }, logoDataUrl }, at) => ({
        id,
        version,
        name: localizedText(name, language),
        summary: localizedText(summary, language),
        logo: logoDataUrl,
        parameters,
        plans: plans.filter((plan) => plan.packageId === id).map((plan) => planViewOf(plan, language)),
        platforms: payload.flatMap(({ platforms }) => platforms),
        isDefault: id === defaultPackageId,
        ...asked[at],
      }));
    },
    networkOf: agreements.networkOf,
    agreedFor: async (packageId) => (await agreements.agreed(packageId)) ?? { loopbackPorts: [], metadata: false },
    agree: async (...asked) => {
      const part = await agreements.agree(...asked);
      deps.putInOrder();
      return part;
    },
    ...createPackagesOn({ agents: deps.agents, manifest }),
  };
}
