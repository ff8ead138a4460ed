/**
 * How a window of the web console shows that it is one. A browser sends the cookies of 127.0.0.1 to every port of it (RFC 6265 §8.5), so that a cookie
 * proves nothing about who asks; the key stays in the storage of our own origin, which all tabs of that origin share, and is sent by our own page alone.
 */
export const windowKey = {
  /** Its name in the `localStorage` of the console's origin. */
  storedAs: 'farmstead.window-key',
  /** Goes with a plain request beside the cookie. */
  header: 'x-farm-window-key',
  /** What a window names that sends the key as the first message of its socket. One of before knows no key, and is refused before its socket opens. */
  protocol: 'farmstead-window.1',
  /** The answer to the first message, when it was the right key. Calls may follow. */
  ready: 'ready',
  /** Why the socket ends when it was not. */
  refusedCode: 4401,
} as const;
