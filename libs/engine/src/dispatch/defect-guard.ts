const REMEMBERED = 50;
const MAX_DEFECTS = 10;

/**
 * Keeps a defect of ours from flushing a topic into the dead letters: of the last 50 records at most a fifth may end
 * that way; the next one stops the service instead.
 */
export class DefectGuard {
  private readonly recent: boolean[] = [];
  private next = 0;

  /** A record that went well. */
  passed(): void {
    this.remember(false);
  }

  /** Whether a record that failed by a defect may be dead-lettered; counted when it may. */
  tolerates(): boolean {
    if (this.recent.filter(Boolean).length >= MAX_DEFECTS) return false;
    this.remember(true);
    return true;
  }

  private remember(defect: boolean): void {
    this.recent[this.next] = defect;
    this.next = (this.next + 1) % REMEMBERED;
  }
}
