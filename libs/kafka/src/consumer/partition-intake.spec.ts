import { describe, expect, it } from '@jest/globals';
import { PartitionIntake } from './partition-intake.js';

const fetched = (...offsets: number[]) => ({ offsets, highWatermark: 100 });

describe('the intake of a partition', () => {
  it('takes everything while it knows no position', () => {
    expect(new PartitionIntake('t', 0).alreadyHandedOver(fetched(5, 6))).toBe(0);
  });

  it('drops what was handed over before, across gaps', () => {
    const intake = new PartitionIntake('t', 0);
    intake.beginHandover()(10);
    expect(intake.alreadyHandedOver(fetched(7, 9, 12))).toBe(2);
    expect(intake.alreadyHandedOver(fetched(7, 9))).toBe(2);
  });

  it('lets a seek win over a handover that ends later', () => {
    const intake = new PartitionIntake('t', 0);
    const advance = intake.beginHandover();
    intake.seek(3);
    expect(advance(10)).toBe(false);
    expect(intake.position).toBe(3);
  });

  it('starts over on a topic that was made anew', () => {
    const intake = new PartitionIntake('t', 0);
    intake.seek(50);
    expect(intake.alreadyHandedOver({ offsets: [0, 1], highWatermark: 2 })).toBe(0);
    expect(intake.position).toBeUndefined();
  });

  it('is held until every reason is gone', () => {
    const intake = new PartitionIntake('t', 0);
    intake.hold('being-assigned');
    intake.hold('backing-off');
    intake.release('being-assigned');
    expect(intake.isHeld).toBe(true);
    intake.release('backing-off');
    expect(intake.isHeld).toBe(false);
  });
});
