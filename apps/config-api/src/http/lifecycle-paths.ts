import { type z } from 'zod';
import { type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { activateRequest } from '../core/subscriptions/test-fields.js';
import { testResultView } from '../core/tests/test-result-view.js';
import { failed } from './open-api-refusals.js';

const JSON_TYPE = 'application/json';

interface OfOneSubscription {
  readonly path: z.ZodObject;
  readonly idempotencyKey: z.ZodObject;
  readonly ifMatchAndKey: z.ZodObject;
  readonly switched: NonNullable<ZodOpenApiOperationObject['responses']>;
}

/** Activation and tests, as the OpenAPI document tells of them. */
export function lifecyclePaths(given: OfOneSubscription): ZodOpenApiPathsObject {
  const { path, idempotencyKey, ifMatchAndKey, switched } = given;
  const tags = ['Subscriptions'];
  const result = { [JSON_TYPE]: { schema: testResultView } };
  return {
    '/v1/subscriptions/{id}/activate': {
      post: {
        tags,
        summary: 'Activate; nothing is delivered of the time before',
        description:
          'With `endpoint.validationHandshake`, where it is not active: the endpoint is asked first, by OPTIONS. Where it does not agree, or cannot be asked, the answer is 409 and tells what is missing, and `inactiveReason` is `handshake-failed`. Answered within `endpoint.timeout` and some seconds then.',
        requestParams: { path, header: ifMatchAndKey },
        requestBody: { required: false, content: { [JSON_TYPE]: { schema: activateRequest } } },
        responses: switched,
      },
    },
    '/v1/subscriptions/{id}/test': {
      post: {
        tags,
        summary: 'Send a ping and tell what became of it',
        description:
          'An event of the type `hookstream.ping` goes the way of all deliveries, in the format and with the headers and signature of the subscription: at once, past what waits, paused or not, and once. It is in the log like any other. `test.body` is its data; with `test.failureDeactivates` the subscription is deactivated unless it is delivered. Answered within `endpoint.timeout` and some seconds. 409 where the subscription is not active, unless `test.whileInactive` says otherwise, and while a test of it is under way.',
        requestParams: { path, header: idempotencyKey },
        responses: {
          '200': { description: 'It has ended: `state` tells how.', content: result },
          '202': { description: 'Nothing is known of it yet: look the delivery up in the log.', content: result },
          ...failed,
        },
      },
    },
  };
}
