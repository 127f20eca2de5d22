import { Controller, Get, UseGuards } from '@nestjs/common';
import { idParams, statsQuery, subscriptionStatsQuery, type IdParams, type StatsQuery } from '@hookstream/log-api';
import { ZodParams, ZodQuery } from '@hookstream/service';
import type { Caller } from '../core/access/caller.js';
import { EndpointStats } from '../core/read/endpoint-stats.js';
import { CallerGuard, CallerOf } from './caller.guard.js';
import { found } from './log-answers.js';

@Controller('v1/stats')
@UseGuards(CallerGuard)
export class StatsController {
  constructor(private readonly stats: EndpointStats) {}

  @Get()
  overall(@CallerOf() caller: Caller, @ZodQuery(statsQuery) { organization, window }: StatsQuery) {
    return found(this.stats.overall(caller, organization, window));
  }

  @Get('subscriptions/:id')
  ofSubscription(
    @CallerOf() caller: Caller,
    @ZodParams(idParams) { id }: IdParams,
    @ZodQuery(subscriptionStatsQuery) { window }: Pick<StatsQuery, 'window'>,
  ) {
    return found(this.stats.ofSubscription(caller, id, window));
  }
}
