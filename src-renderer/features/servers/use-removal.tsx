import { type ReactNode, useRef } from 'react';
import { type ServerView, untoldCodes } from '#contract/api/servers.ts';
import type { Failure } from '#contract/errors.ts';
import { sayFailure } from '../../lib/failure.ts';
import { useCall } from '../../lib/use-call.ts';
import { useCore } from '../../lib/use-core.ts';
import { useWords } from '../../lib/use-words.ts';
import { Banner } from '../../ui/banner.tsx';

export type Removal = {
  /** Resolves with whether the server is out. */
  readonly run: () => Promise<boolean>;
  readonly isBusy: boolean;
  readonly confirmText: string;
  /** Why it did not work, and what the button does now. */
  readonly told: ReactNode;
};

/** Takes a server out of the farm; once its agent could not be told, the same button removes it all the same. */
export function useRemoval(server: ServerView, confirmText: string): Removal {
  const words = useWords();
  const core = useCore();
  const remove = useCall((requestKey, isGivenUp: boolean) => core.servers.remove({ requestKey, serverId: server.id, isGivenUp }));
  // While it is tried once more the reason stays: the button must not change its word under the pointer.
  const kept = useRef<Failure | undefined>(undefined);
  if (!remove.isBusy) kept.current = remove.failure;
  const failure = kept.current;
  const isUntold = failure !== undefined && untoldCodes.includes(failure.code);
  return {
    run: async () => (await remove.run(isUntold)) !== undefined,
    isBusy: remove.isBusy,
    confirmText: isUntold ? words('servers.remove.anyway') : confirmText,
    told: failure !== undefined && (
      <Banner state="bad" title={sayFailure(words, failure)}>
        {isUntold ? words('servers.remove.untold', { name: server.name }) : undefined}
      </Banner>
    ),
  };
}
