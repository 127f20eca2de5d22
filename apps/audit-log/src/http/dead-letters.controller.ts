import { Controller, Get, UseGuards } from '@nestjs/common';
import { deadLettersQuery, idParams, type DeadLettersQuery, type IdParams } from '@hookstream/log-api';
import { ZodParams, ZodQuery } from '@hookstream/service';
import type { Caller } from '../core/access/caller.js';
import { LogSearch } from '../core/read/log-search.js';
import { CallerGuard, CallerOf } from './caller.guard.js';
import { found } from './log-answers.js';
import { pageRequest } from './page-request.js';

@Controller('v1/dead-letters')
@UseGuards(CallerGuard)
export class DeadLettersController {
  constructor(private readonly search: LogSearch) {}

  @Get()
  list(@CallerOf() caller: Caller, @ZodQuery(deadLettersQuery) query: DeadLettersQuery) {
    const { limit, cursor, ...filter } = query;
    return found(this.search.deadLetters(caller, filter, pageRequest({ limit, cursor })));
  }

  @Get(':id')
  one(@CallerOf() caller: Caller, @ZodParams(idParams) { id }: IdParams) {
    return found(this.search.deadLetter(caller, id));
  }
}
