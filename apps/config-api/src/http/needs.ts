import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import { type Need } from '../core/api-keys/permissions.js';

export const NEEDS = 'hookstream.needs';

/** What a route does, where its method does not tell: see `needOf`. On a controller: what all its writes do. */
export function Needs(need: Need): CustomDecorator {
  return SetMetadata(NEEDS, need);
}

/** What a request does by its method. */
export function needOf(method: string): Need {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return 'read';
    case 'POST':
      return 'create';
    case 'DELETE':
      return 'delete';
    default:
      return 'edit';
  }
}
