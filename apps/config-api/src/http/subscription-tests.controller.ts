import { HttpCode, Param, Post, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { type Caller } from '../core/caller.js';
import { SubscriptionTests } from '../core/tests/subscription-tests.js';
import { viewTestResult } from '../core/tests/test-result-view.js';
import { CallerOf } from './api-key.guard.js';
import { ConfigResource } from './config-resource.js';
import { Needs } from './needs.js';
import { valueOf } from './problem-of-rejection.js';

/** A ping on demand. */
@ConfigResource('v1/subscriptions')
export class SubscriptionTestsController {
  constructor(private readonly tests: SubscriptionTests) {}

  @Post(':id/test')
  @Needs('edit')
  @HttpCode(200)
  async test(@CallerOf() caller: Caller, @Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply) {
    const result = valueOf(await this.tests.test(caller, id));
    if (!result.report) void reply.code(202);
    return viewTestResult(result);
  }
}
