import { Body, Delete, Get, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import { parseBody, ZodBody, ZodQuery } from '@hookstream/service';
import { type FastifyReply } from 'fastify';
import { z } from 'zod';
import { type Caller } from '../core/caller.js';
import { type ExpectedVersions } from '../core/config-store.js';
import { withProfile } from '../core/profiles/profiles.js';
import { patchedRequest } from '../core/subscriptions/patched-request.js';
import { subscriptionRequest } from '../core/subscriptions/subscription-request.js';
import { viewSubscription } from '../core/subscriptions/subscription-view.js';
import { Subscriptions, type WrittenSubscription } from '../core/subscriptions/subscriptions.js';
import { activateRequest } from '../core/subscriptions/test-fields.js';
import { Activations } from '../core/tests/activations.js';
import { SubscriptionTests } from '../core/tests/subscription-tests.js';
import { CallerOf } from './api-key.guard.js';
import { ConfigResource, tenantPageQuery, type TenantPageQuery, viewPage } from './config-resource.js';
import { IfMatch } from './if-match.js';
import { Needs } from './needs.js';
import { patched } from './patched.js';
import { foundOr404, valueOf } from './problem-of-rejection.js';

/** A subscription stays with its organization. */
const subscriptionReplacement = subscriptionRequest.extend({
  startInactive: z.never({ error: 'is read when a subscription is made; change `active`' }).optional(),
  organization: z.never({ error: 'cannot be changed; make a new subscription there' }).optional(),
});

@ConfigResource('v1/subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly tests: SubscriptionTests,
    private readonly activations: Activations,
  ) {}

  @Post()
  async create(@CallerOf() caller: Caller, @Body() body: unknown, @Res({ passthrough: true }) reply: FastifyReply) {
    const request = parseBody(subscriptionRequest, withProfile(body));
    const written = valueOf(await this.subscriptions.create(caller, request));
    await this.ping(written, reply);
    return viewSubscription(written.state, written.secret);
  }

  @Get()
  async list(@CallerOf() caller: Caller, @ZodQuery(tenantPageQuery) { organization, ...page }: TenantPageQuery) {
    const listed = valueOf(await this.subscriptions.list(caller, organization, page));
    return viewPage(listed, (state) => viewSubscription(state));
  }

  @Get(':id')
  async find(@CallerOf() caller: Caller, @Param('id') id: string) {
    return viewSubscription(foundOr404(await this.subscriptions.find(caller, id)));
  }

  @Patch(':id')
  async patch(
    @CallerOf() caller: Caller,
    @Param('id') id: string,
    @IfMatch() expected: ExpectedVersions,
    @Body() patch: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const written = await patched(this.subscriptions, { caller, id, expected }, (current) =>
      parseBody(subscriptionReplacement, patchedRequest(current, patch)),
    );
    await this.ping(written, reply);
    return viewSubscription(written.state, written.secret);
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@CallerOf() caller: Caller, @Param('id') id: string, @IfMatch() expected: ExpectedVersions) {
    valueOf(await this.subscriptions.remove(caller, id, expected));
  }

  @Post(':id/activate')
  @Needs('edit')
  @HttpCode(200)
  async activate(
    @CallerOf() caller: Caller,
    @Param('id') id: string,
    @ZodBody(activateRequest.prefault({})) { pingOnActivation }: z.output<typeof activateRequest>,
    @IfMatch() expected: ExpectedVersions,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const written = valueOf(await this.activations.activate(caller, id, expected));
    await this.ping(written, reply, pingOnActivation);
    return viewSubscription(written.state);
  }

  @Post(':id/deactivate')
  @Needs('edit')
  @HttpCode(200)
  async deactivate(@CallerOf() caller: Caller, @Param('id') id: string, @IfMatch() expected: ExpectedVersions) {
    return viewSubscription(valueOf(await this.subscriptions.deactivate(caller, id, expected)));
  }

  @Post(':id/pause')
  @Needs('edit')
  @HttpCode(200)
  async pause(@CallerOf() caller: Caller, @Param('id') id: string, @IfMatch() expected: ExpectedVersions) {
    return viewSubscription(valueOf(await this.subscriptions.pause(caller, id, expected)));
  }

  @Post(':id/resume')
  @Needs('edit')
  @HttpCode(200)
  async resume(@CallerOf() caller: Caller, @Param('id') id: string, @IfMatch() expected: ExpectedVersions) {
    return viewSubscription(valueOf(await this.subscriptions.resume(caller, id, expected)));
  }

  /** @param asked for by this very request; else its settings say whether it is wanted */
  private async ping({ state, becameActive }: WrittenSubscription, reply: FastifyReply, asked?: boolean) {
    if (!becameActive) return;
    if (asked === false) return this.tests.forgo(state);
    if (!asked && !state.settings.test?.onActivation) return;
    const sent = await this.tests.pingActivated([state]);
    void reply.header('Hookstream-Ping', sent.get(state.id) ?? 'not-sent');
  }
}
