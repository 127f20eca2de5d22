import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { eventsQuery, idParams, type EventsQuery, type IdParams } from '@hookstream/log-api';
import { ZodParams, ZodQuery } from '@hookstream/service';
import type { Caller } from '../core/access/caller.js';
import { LogSearch } from '../core/read/log-search.js';
import { CallerGuard, CallerOf } from './caller.guard.js';
import { found } from './log-answers.js';
import { pageRequest } from './page-request.js';

@Controller('v1/events')
@UseGuards(CallerGuard)
export class EventsController {
  constructor(private readonly search: LogSearch) {}

  @Get()
  list(@CallerOf() caller: Caller, @ZodQuery(eventsQuery) query: EventsQuery) {
    const { limit, cursor, ...filter } = query;
    return found(this.search.events(caller, filter, pageRequest({ limit, cursor })));
  }

  @Get(':id')
  @Header('content-type', 'application/json; charset=utf-8')
  one(@CallerOf() caller: Caller, @ZodParams(idParams) { id }: IdParams) {
    return found(this.search.event(caller, id));
  }
}
