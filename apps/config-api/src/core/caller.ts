import { type ApiKeyId, type OrganizationId } from '@hookstream/domain';

/** Who asks: the holder of an API key. */
export interface Caller {
  readonly key: ApiKeyId;
  /** What the key is bound to; `null` is the whole platform. */
  readonly organization: OrganizationId | null;
}
