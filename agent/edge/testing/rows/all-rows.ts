import { http1Rows } from './http1-rows.ts';
import { frameRows } from './http2-frames.ts';
import { framingRows } from './http2-framing.ts';
import { messageRows } from './http2-messages.ts';
import type { Row } from './row.ts';
import { webSocketRows } from './web-socket-rows.ts';

/** All tables; a row's number is its place here. */
export const allRows: readonly Row[] = [...framingRows, ...frameRows, ...messageRows, ...http1Rows, ...webSocketRows];
