/**
 * How many records may be set aside as our own defects: a fault in one record must not stop the others, a fault in the
 * service must not flush a topic into the dead letters.
 */
export class DefectBudget {
  private spent = 0;
  private windowStartMs = -Infinity;

  constructor(
    private readonly perWindow: number,
    private readonly windowMs: number,
    private readonly nowMs: () => number,
  ) {}

  /** @returns whether one more record may be set aside */
  spend(): boolean {
    const nowMs = this.nowMs();
    if (nowMs - this.windowStartMs >= this.windowMs) {
      this.windowStartMs = nowMs;
      this.spent = 0;
    }
    if (this.spent >= this.perWindow) return false;
    this.spent += 1;
    return true;
  }
}
