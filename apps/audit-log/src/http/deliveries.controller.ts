import { Controller, Get, Headers, HttpCode, Post, UseGuards } from '@nestjs/common';
import { deliveriesQuery, idParams, type DeliveriesQuery, type IdParams } from '@hookstream/log-api';
import { Problem, readIdempotencyKey, ZodParams, ZodQuery } from '@hookstream/service';
import type { Caller } from '../core/access/caller.js';
import { Replay } from '../core/replay/replay.js';
import { LogSearch } from '../core/read/log-search.js';
import { CallerGuard, CallerOf } from './caller.guard.js';
import { found } from './log-answers.js';
import { pageRequest } from './page-request.js';

const MAY_NOT_REPLAY = 'This key may not have deliveries sent again; use an editor with the grant "edit", or an admin.';

@Controller('v1/deliveries')
@UseGuards(CallerGuard)
export class DeliveriesController {
  constructor(
    private readonly search: LogSearch,
    private readonly replays: Replay,
  ) {}

  @Get()
  list(@CallerOf() caller: Caller, @ZodQuery(deliveriesQuery) query: DeliveriesQuery) {
    const { limit, cursor, state: states, ...filter } = query;
    return found(this.search.deliveries(caller, { ...filter, states }, pageRequest({ limit, cursor })));
  }

  @Get(':id')
  one(@CallerOf() caller: Caller, @ZodParams(idParams) { id }: IdParams) {
    return found(this.search.delivery(caller, id));
  }
  @Post(':id/replay')
  @HttpCode(202)
  async replay(
    @CallerOf() caller: Caller,
    @ZodParams(idParams) { id }: IdParams,
    @Headers('idempotency-key') idempotencyKey?: string,
  ) {
    if (!caller.mayReplay) throw new Problem('forbidden', { detail: MAY_NOT_REPLAY });
    const key = readIdempotencyKey(idempotencyKey);
    const answer = await found(this.replays.begin(caller, id, key));
    switch (answer.kind) {
      case 'not-found':
        throw new Problem('not-found');
      case 'conflict':
        throw new Problem('conflict', { detail: answer.detail });
      case 'begun':
        return { id: answer.delivery, run: answer.run, state: 'pending' };
    }
  }
}
