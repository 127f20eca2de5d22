import { ClosedError } from '@hookstream/kafka';

/** Work that is over as well when what it is done with is closed: a SIGTERM before the first join. */
export async function untilClosed(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ClosedError)) throw error;
  }
}
