import { isUtf8 } from 'node:buffer';
import { DELIVERY_STATES } from '@hookstream/domain';
import { z } from 'zod';
import { type TestResult } from './subscription-tests.js';

/** The answer to `POST /v1/subscriptions/{id}/test`. */
export const testResultView = z
  .object({
    delivery: z.string().meta({ description: 'Its id in the log: GET /v1/deliveries/{id}.' }),
    state: z.enum(DELIVERY_STATES).meta({
      description: '`delivered`, or how it ended otherwise; `pending` with 202: not known in time, look it up.',
    }),
    reason: z.string().nullable(),
    startedAt: z.iso.datetime().optional(),
    durationMs: z.int().optional(),
    response: z
      .object({
        status: z.int(),
        headers: z.record(z.string(), z.string()),
        body: z.string(),
        bodyEncoding: z.literal('base64').optional(),
        bodyTruncated: z.boolean(),
      })
      .optional()
      .meta({ description: 'What the endpoint answered, the first 16 KiB of its body.' }),
    error: z
      .object({ class: z.string(), message: z.string() })
      .optional()
      .meta({ description: 'Why there is no response, such as `timeout`, `dns`, `tls` or `connect`.' }),
    subscription: z.object({
      id: z.string(),
      version: z.int(),
      active: z.boolean(),
      inactiveReason: z.string().nullable(),
    }),
  })
  .meta({ id: 'TestResult' });

export function viewTestResult({ delivery, report, state }: TestResult): z.input<typeof testResultView> {
  const { id, version, active, inactiveReason } = state;
  const subscription = { id, version, active, inactiveReason };
  if (!report) return { delivery, state: 'pending', reason: null, subscription };
  const standing = { delivery, state: report.state, reason: report.reason ?? null, subscription };
  if (report.kind === 'ending') return standing;
  const { startedAtMs, durationMs, response, responseBody, error } = report;
  return {
    ...standing,
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs,
    ...(response && { response: { ...response, ...viewBody(responseBody) } }),
    ...(error && { error }),
  };
}

function viewBody(bytes: Buffer): { readonly body: string; readonly bodyEncoding?: 'base64' } {
  if (isUtf8(bytes)) return { body: bytes.toString('utf8') };
  return { body: bytes.toString('base64'), bodyEncoding: 'base64' };
}
