import { type z } from 'zod';
import { type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { revokeSecretQuery, rotateSecretRequest, setSecretRequest } from '../core/subscriptions/signing-fields.js';

const JSON_TYPE = 'application/json';

interface OfOneSubscription {
  readonly path: z.ZodObject;
  /** Of a request that may be sent again: `If-Match`, and for POST also `Idempotency-Key`. */
  readonly ifMatch: z.ZodObject;
  readonly ifMatchAndKey: z.ZodObject;
  readonly responses: NonNullable<ZodOpenApiOperationObject['responses']>;
}

/** The signing secrets of a subscription, as the OpenAPI document tells of them. */
export function secretPaths({ path, ifMatch, ifMatchAndKey, responses }: OfOneSubscription): ZodOpenApiPathsObject {
  const tags = ['Subscriptions'];
  return {
    '/v1/subscriptions/{id}/rotate-secret': {
      post: {
        tags,
        summary: 'Sign by a new secret, and for a while by the former ones too',
        description:
          'The answer shows the new secret, once. Every request carries a signature by each secret in force, newest first, so that receivers can change over at any time of the overlap. At most 10 sign at once.',
        requestParams: { path, header: ifMatchAndKey },
        requestBody: { required: false, content: { [JSON_TYPE]: { schema: rotateSecretRequest } } },
        responses,
      },
    },
    '/v1/subscriptions/{id}/secret': {
      put: {
        tags,
        summary: 'Put one secret in the place of all, at once',
        requestParams: { path, header: ifMatch },
        requestBody: { required: true, content: { [JSON_TYPE]: { schema: setSecretRequest } } },
        responses,
      },
      delete: {
        tags,
        summary: 'Revoke secrets at once: the one named, else all but the newest',
        description:
          'The newest of what is left signs on without an end. The last secret of a scheme that needs one is not revoked (409): replace it, or deactivate the subscription. There is no GET: `signing.secrets` of the subscription lists fingerprints.',
        requestParams: { path, header: ifMatch, query: revokeSecretQuery },
        responses,
      },
    },
  };
}
