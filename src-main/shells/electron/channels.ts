/** Names between the window's preload and this shell. The preload is bundled by itself, so that they stand in one place. */
export const portChannel = 'farm:port';
export const hostChannels = {
  openFile: 'farm:open-file',
  saveFile: 'farm:save-file',
  copyText: 'farm:copy-text',
  notify: 'farm:notify',
  openAddress: 'farm:open-address',
  showTheme: 'farm:show-theme',
} as const;
/** Given to the preload on its command line: `--farm-system=windows`. */
export const systemFlag = '--farm-system=';
