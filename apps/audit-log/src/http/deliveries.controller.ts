import { Controller, Get, UseGuards } from '@nestjs/common';
import { deliveriesQuery, idParams, type DeliveriesQuery, type IdParams } from '@hookstream/log-api';
import { ZodParams, ZodQuery } from '@hookstream/service';
import type { Caller } from '../core/access/caller.js';
import { LogSearch } from '../core/read/log-search.js';
import { CallerGuard, CallerOf } from './caller.guard.js';
import { found } from './log-answers.js';
import { pageRequest } from './page-request.js';

@Controller('v1/deliveries')
@UseGuards(CallerGuard)
export class DeliveriesController {
  constructor(private readonly search: LogSearch) {}

  @Get()
  list(@CallerOf() caller: Caller, @ZodQuery(deliveriesQuery) query: DeliveriesQuery) {
    const { limit, cursor, state: states, ...filter } = query;
    return found(this.search.deliveries(caller, { ...filter, states }, pageRequest({ limit, cursor })));
  }

  @Get(':id')
  one(@CallerOf() caller: Caller, @ZodParams(idParams) { id }: IdParams) {
    return found(this.search.delivery(caller, id));
  }
}
