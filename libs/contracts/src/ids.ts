import { isId, type IdPrefix } from '@hookstream/domain';
import { z } from 'zod';

/** A schema for ids of one kind. */
export function idOf<P extends IdPrefix>(prefix: P) {
  return z.custom<`${P}_${string}`>(
    (value) => typeof value === 'string' && isId(prefix, value),
    `must be an id that starts with "${prefix}_"`,
  );
}
