import { MD5_FORMATS, type PayloadFormat, SIGNING_SCHEMES, type SigningScheme } from '@hookstream/domain';
import { schemeRules } from '@hookstream/signing';
import { z } from 'zod';
import { choice, durationBetween } from '../fields.js';
import { type Rejection } from '../outcome.js';

const DAY_MS = 86_400_000;
export const DEFAULT_OVERLAP_MS = DAY_MS;
const MAX_OVERLAP_MS = 30 * DAY_MS;

export const signingRequest = z
  .strictObject({
    scheme: choice(SIGNING_SCHEMES).prefault('standard-webhooks'),
    secret: z.string().optional().meta({
      description:
        'By the scheme: `whsec_` and 24 to 64 bytes in base64; `whsk_` and an ed25519 key in base64; else any text of 1 to 1,024 bytes. Generated when none is given, but for `md5`; shown once.',
    }),
  })
  .superRefine(({ scheme, secret }, context) => {
    if (secret === undefined) return;
    const form = schemeRules(scheme).secret;
    const parsed = form ? form.parse(secret) : { ok: false, message: `the scheme "${scheme}" uses no secret` };
    if (!parsed.ok) context.addIssue({ code: 'custom', path: ['secret'], message: parsed.message });
  });

/** Why a subscription cannot be signed as it asks, though each of its fields is fine. */
export function unfitScheme({ signing, payload }: FormatAndScheme): Rejection | undefined {
  if (signing.scheme !== 'md5' || MD5_FORMATS.includes(payload.format)) return undefined;
  const message = `"md5" is put into an envelope, which the format "${payload.format}" has not; it goes with ${MD5_FORMATS.join(', ')}`;
  return { kind: 'field', pointer: '/signing/scheme', message };
}

interface FormatAndScheme {
  readonly signing: { readonly scheme: SigningScheme };
  readonly payload: { readonly format: PayloadFormat };
}

/** `POST /v1/subscriptions/{id}/rotate-secret`. */
export const rotateSecretRequest = z
  .strictObject({
    secret: z.string().optional().meta({ description: 'The new secret. Generated when none is given; shown once.' }),
    overlap: durationBetween(0, MAX_OVERLAP_MS).optional().meta({
      description:
        'How long the former secrets sign beside the new one, 0s to 30d; 1d by default. Not for schemes that send one signature: there the new secret takes the place of the old one at once.',
    }),
  })
  .meta({ id: 'RotateSecretRequest' });

/** `PUT /v1/subscriptions/{id}/secret`. */
export const setSecretRequest = z
  .strictObject({ secret: z.string().meta({ description: 'Signs alone from now on.' }) })
  .meta({ id: 'SetSecretRequest' });

export const revokeSecretQuery = z.strictObject({
  fingerprint: z
    .string()
    .max(64)
    .optional()
    .meta({ description: 'The secret to revoke. Default: all but the newest.', examples: ['sha256:0f7a2c7d5e2b4a49'] }),
});

export type SigningRequest = z.output<typeof signingRequest>;
export type RotateSecretRequest = z.output<typeof rotateSecretRequest>;

/** How the secrets of a subscription are answered. */
export const signingView = z.object({
  scheme: z.enum(SIGNING_SCHEMES),
  secret: z.string().optional().meta({ description: 'Only in the answer to the request that made it.' }),
  secrets: z
    .array(
      z.object({
        fingerprint: z.string().meta({ description: 'Tells secrets apart without telling them.' }),
        expiresAt: z.iso.datetime().nullable().meta({
          description: 'When it stops signing; in the past: it signs no more. `null`: signs until it is replaced.',
        }),
        publicKey: z.string().optional().meta({ description: 'What receivers verify with: `whpk_…`.' }),
      }),
    )
    .meta({ description: 'Newest first; all but the newest are of a rotation.' }),
});
