import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PartitionTracker } from './partition-tracker.js';

const WINDOW = 64;

/** The same by sets, with nothing clever. */
class NaiveTracker {
  private readonly open = new Set<number>();
  readonly finished = new Set<number>();
  next: number;

  constructor(readonly start: number) {
    this.next = start;
  }

  get watermark(): number {
    return Math.min(this.next, ...this.open);
  }

  register(offset: number): string {
    if (offset < this.next) return 'known';
    if (this.open.size > 0 && offset - this.watermark >= WINDOW) return 'full';
    this.next = offset + 1;
    this.open.add(offset);
    return 'new';
  }

  finish(offset: number): void {
    if (this.open.delete(offset)) this.finished.add(offset);
  }

  get openCount(): number {
    return this.open.size;
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('register' as const), ahead: fc.integer({ min: -5, max: 4 }) }),
  fc.record({ kind: fc.constant('leap' as const), ahead: fc.integer({ min: 0, max: 200 }) }),
  fc.record({ kind: fc.constant('finish' as const), back: fc.integer({ min: 0, max: 80 }) }),
);

describe('PartitionTracker', () => {
  it('behaves like sets of open and finished offsets, for any order of events', () => {
    fc.assert(
      fc.property(fc.nat(1e12), fc.array(step, { maxLength: 400 }), (start, steps) => {
        const tracker = new PartitionTracker({ offset: start, metadata: '' }, WINDOW);
        const model = new NaiveTracker(start);
        for (const each of steps) {
          if (each.kind === 'finish') {
            tracker.finish(model.next - each.back);
            model.finish(model.next - each.back);
          } else {
            const offset = Math.max(0, model.next + each.ahead);
            const expected = model.register(offset);
            expect(tracker.register(offset)).toBe(expected);
            // A refused registration may have counted the gap before it as finished: that shows only in `next`.
            model.next = Math.max(model.next, tracker.nextOffset);
          }
          expect(tracker.commitPoint().offset).toBe(model.watermark);
          expect(tracker.open).toBe(model.openCount);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never loses a record and never repeats a finished one over a restart at any moment', () => {
    const finishing = fc.array(fc.nat(59), { maxLength: 60 });
    fc.assert(
      fc.property(finishing, finishing, (first, second) => {
        const done = new Set<number>();
        let tracker = new PartitionTracker({ offset: 0, metadata: '' }, WINDOW);
        for (const round of [first, second]) {
          const started = new Set<number>();
          for (let offset = tracker.nextOffset; offset < 60; offset += 1) {
            if (tracker.register(offset) === 'new') started.add(offset);
          }
          for (let offset = 0; offset < 60; offset += 1) expect(started.has(offset)).toBe(!done.has(offset));
          for (const offset of round) {
            if (!started.has(offset)) continue;
            tracker.finish(offset);
            done.add(offset);
          }
          tracker = new PartitionTracker(tracker.commitPoint(), WINDOW);
        }
      }),
    );
  });

  it('repeats nothing that was reported, and nothing else is skipped, over kills at any moment', () => {
    const lives = fc.array(
      fc.array(
        fc.record({
          kind: fc.constantFrom('register', 'report', 'append', 'acknowledge', 'commit', 'foreign'),
          pick: fc.nat(),
        }),
        { maxLength: 120, size: 'max' },
      ),
      { minLength: 1, maxLength: 4, size: 'max' },
    );
    fc.assert(
      fc.property(lives, (all) => {
        const attempts: (number | 'foreign')[] = [];
        let stored = new PartitionTracker({ offset: 0, metadata: '' }, WINDOW).commitPoint();
        for (const life of all) {
          const tracker = new PartitionTracker(stored, WINDOW);
          const end = attempts.length;
          for (let position = tracker.storedReportsFrom ?? end; position < end; position += 1) {
            const settled = attempts[position];
            if (typeof settled === 'number') tracker.settle(settled, position);
          }
          tracker.reportsRead(end);
          // The first life may be killed before its first commit: then there is no position to read from.
          stored = tracker.commitPoint();
          const open: number[] = [];
          const sent: number[] = [];
          const appended: { offset: number; position: number }[] = [];
          const take = <T>(from: T[], pick: number) => from.splice(pick % from.length, 1)[0];
          for (const { kind, pick } of life) {
            if (kind === 'register') {
              const offset = tracker.nextOffset;
              const registration = tracker.register(offset);
              if (registration === 'full') continue;
              expect(registration === 'finished').toBe(attempts.includes(offset));
              if (registration === 'new') open.push(offset);
            }
            if (kind === 'foreign') attempts.push('foreign');
            if (kind === 'commit') stored = tracker.commitPoint();
            const offset = kind === 'report' ? take(open, pick) : kind === 'append' ? take(sent, pick) : undefined;
            if (offset !== undefined && kind === 'report') {
              tracker.reporting(offset);
              sent.push(offset);
            }
            if (offset !== undefined && kind === 'append') {
              appended.push({ offset, position: attempts.length });
              attempts.push(offset);
            }
            const acknowledged = kind === 'acknowledge' ? take(appended, pick) : undefined;
            if (acknowledged) tracker.finish(acknowledged.offset, pick % 5 === 0 ? undefined : acknowledged.position);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
