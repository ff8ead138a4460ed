import { type InvalidateQueryFilters, QueryClient } from '@tanstack/react-query';

/** How long an answer that nobody shows any more is kept: a page that is opened again begins with it. */
export const unshownKeptMs = 5 * 60_000;

/** Answers of the core. Nothing is asked because of the browser's own events: the link to the core says when something can be had. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // What the browser calls online is the internet; the core may be on this very computer.
      networkMode: 'always',
      refetchOnReconnect: false,
      refetchOnWindowFocus: false,
      // A window in the background is one that somebody looks at on another screen.
      refetchIntervalInBackground: true,
      // The link waits for a way by itself, and a refusal stays one.
      retry: false,
      gcTime: unshownKeptMs,
    },
  },
});

/**
 * After an act that changed what they answer: asks all shown questions whose key begins with `prefix` again, and the others when they are
 * shown next. A question that is on its way is given up: it may have been answered before the act. May be called as often as one likes.
 */
export function refreshQueries(prefix: string): void {
  askAgain({ predicate: ({ queryKey: [key] }) => typeof key === 'string' && key.startsWith(prefix) });
}

/** The same for one question. */
export function refreshQuery(key: string): void {
  askAgain({ queryKey: [key], exact: true });
}

function askAgain(filters: InvalidateQueryFilters): void {
  // Left alone, a question that never had an answer would go on: the library gives up only those that had one.
  void queryClient.cancelQueries(filters).then(() => queryClient.invalidateQueries(filters));
}
