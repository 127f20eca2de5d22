import type { DeliveriesQuery } from '@hookstream/log-api';
import type { PageRequest } from '../core/read/page.js';

export function pageRequest({ limit, cursor }: Pick<DeliveriesQuery, 'limit' | 'cursor'>): PageRequest {
  return { limit, after: cursor };
}
