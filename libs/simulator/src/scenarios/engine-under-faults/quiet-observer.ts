import { type DispatchObserver } from '@hookstream/engine';

/** Hears of defects only: whatever else happens is read from the log. */
export function quietObserver(onDefect: (error: unknown) => void): DispatchObserver {
  const ignored = () => undefined;
  return {
    attempted: ignored,
    repeated: ignored,
    postponed: ignored,
    ended: ignored,
    deadLettered: ignored,
    holdingBack: (why) => {
      if (why !== undefined) onDefect(new Error(why));
    },
    defect: onDefect,
    effectDelayed: ignored,
    notYet: ignored,
  };
}
