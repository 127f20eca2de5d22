import { Controller, Headers, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ZodBody } from '@hookstream/service';
import { type Caller } from '../core/caller.js';
import { explainRequest, type ExplainRequest } from '../core/subscriptions/explain-request.js';
import { Explainer } from '../core/subscriptions/explainer.js';
import { ApiKeyGuard, CallerOf } from './api-key.guard.js';
import { Needs } from './needs.js';
import { valueOf } from './problem-of-rejection.js';

/** Changes nothing, so that its answer waits for nothing. */
@Controller('v1/subscriptions/explain')
@UseGuards(ApiKeyGuard)
export class ExplainController {
  constructor(private readonly explainer: Explainer) {}

  @Post()
  @HttpCode(200)
  @Needs('read')
  async explain(
    @CallerOf() caller: Caller,
    @Headers('authorization') authorization: string | undefined,
    @ZodBody(explainRequest) request: ExplainRequest,
  ) {
    return valueOf(await this.explainer.explain(caller, authorization, request));
  }
}
