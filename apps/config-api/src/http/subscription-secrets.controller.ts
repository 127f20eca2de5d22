import { Body, Delete, HttpCode, Param, Post, Put } from '@nestjs/common';
import { parseBody, ZodBody, ZodQuery } from '@hookstream/service';
import { type z } from 'zod';
import { type Caller } from '../core/caller.js';
import { type ExpectedVersions } from '../core/config-store.js';
import {
  revokeSecretQuery,
  rotateSecretRequest,
  type RotateSecretRequest,
  setSecretRequest,
} from '../core/subscriptions/signing-fields.js';
import { SubscriptionSecrets } from '../core/subscriptions/subscription-secrets.js';
import { Subscriptions } from '../core/subscriptions/subscriptions.js';
import { viewSubscription } from '../core/subscriptions/subscription-view.js';
import { CallerOf } from './api-key.guard.js';
import { ConfigResource } from './config-resource.js';
import { IfMatch } from './if-match.js';
import { Needs } from './needs.js';
import { foundOr404, valueOf } from './problem-of-rejection.js';

/** Signing secrets: they come in, and out only where they were made. */
@ConfigResource('v1/subscriptions')
export class SubscriptionSecretsController {
  constructor(
    private readonly secrets: SubscriptionSecrets,
    private readonly subscriptions: Subscriptions,
  ) {}

  @Post(':id/rotate-secret')
  @Needs('edit')
  @HttpCode(200)
  async rotate(
    @CallerOf() caller: Caller,
    @Param('id') id: string,
    @ZodBody(rotateSecretRequest.prefault({})) request: RotateSecretRequest,
    @IfMatch() expected: ExpectedVersions,
  ) {
    const { state, secret } = valueOf(await this.secrets.rotate(caller, id, request, expected));
    return viewSubscription(state, secret);
  }

  @Put(':id/secret')
  @Needs('edit')
  async set(
    @CallerOf() caller: Caller,
    @Param('id') id: string,
    @Body() body: unknown,
    @IfMatch() expected: ExpectedVersions,
  ) {
    foundOr404(await this.subscriptions.find(caller, id));
    const { secret } = parseBody(setSecretRequest, body);
    return viewSubscription(valueOf(await this.secrets.set(caller, id, secret, expected)));
  }

  @Delete(':id/secret')
  @Needs('edit')
  async revoke(
    @CallerOf() caller: Caller,
    @Param('id') id: string,
    @ZodQuery(revokeSecretQuery) { fingerprint }: z.output<typeof revokeSecretQuery>,
    @IfMatch() expected: ExpectedVersions,
  ) {
    return viewSubscription(valueOf(await this.secrets.revoke(caller, id, fingerprint, expected)));
  }
}
