import { describe, expect, test } from 'vitest';
import type { InstancePage, InstanceView } from '#contract/api/instances.ts';
import { noRows, takePage } from './held-rows.ts';
import { instanceRow } from './instance-row.fixture.ts';

const counts = { good: 1, working: 0, warning: 0, bad: 0, paused: 0, unknown: 0 };
const page = (offset: number, rows: InstanceView[], total = 10_000): InstancePage => ({ total, offset, rows, counts });

describe('rows held by place', () => {
  test('an unchanged row keeps its identity, a changed one does not', () => {
    const first = takePage(noRows, 'q', page(0, [instanceRow('anna'), instanceRow('bert')]));
    const second = takePage(first, 'q', page(0, [instanceRow('anna'), instanceRow('bert', { memoryBytes: 5 })]));
    expect(second.rows.get(0)).toBe(first.rows.get(0));
    expect(second.rows.get(1)).not.toBe(first.rows.get(1));
    expect(second.rows.get(1)?.memoryBytes).toBe(5);
  });

  test('scrolling keeps near rows and lets far ones go', () => {
    const first = takePage(noRows, 'q', page(0, [instanceRow('anna')]));
    expect(takePage(first, 'q', page(200, [instanceRow('nora')])).rows.has(0)).toBe(true);
    expect(takePage(first, 'q', page(5000, [instanceRow('zoe')])).rows.has(0)).toBe(false);
  });

  test('another filter, and a row more or less, replace everything: places have moved', () => {
    const first = takePage(noRows, 'q', page(0, [instanceRow('anna'), instanceRow('bert')]));
    expect([...takePage(first, 'other', page(0, [instanceRow('bert')], 1)).rows.keys()]).toEqual([0]);
    expect([...takePage(first, 'q', page(0, [instanceRow('bert')], 9999)).rows.keys()]).toEqual([0]);
  });

  test('ten thousand changes of a page of 100 rows take less than a frame each', () => {
    const rows = Array.from({ length: 100 }, (_, index) => instanceRow(`row-${index}`));
    let held = takePage(noRows, 'q', page(0, rows));
    const began = performance.now();
    for (let turn = 0; turn < 100; turn += 1) {
      held = takePage(
        held,
        'q',
        page(
          0,
          rows.map((row, index) => (index < 50 ? { ...row, memoryBytes: turn } : { ...row })),
        ),
      );
    }
    expect((performance.now() - began) / 100).toBeLessThan(16);
    expect(held.rows.get(99)).toBe(rows[99]);
  });
});
