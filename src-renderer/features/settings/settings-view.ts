import type { CoreClient } from '../../lib/core-client.ts';

/** What `settings.get` answers. */
export type SettingsView = Awaited<ReturnType<CoreClient['settings']['get']>>;
