import { Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ZodBody, ZodQuery } from '@hookstream/service';
import { type Caller } from '../core/caller.js';
import { type ExpectedVersions } from '../core/config-store.js';
import { type SourceRequest, sourceRequest } from '../core/sources/source-request.js';
import { Sources, type SourceState, viewSource } from '../core/sources/sources.js';
import { CallerOf } from './api-key.guard.js';
import { ConfigResource, pageQuery, type PageQuery, viewPage } from './config-resource.js';
import { IfMatch } from './if-match.js';
import { foundOr404, valueOf } from './problem-of-rejection.js';

@ConfigResource('v1/sources')
export class SourcesController {
  constructor(private readonly sources: Sources) {}

  @Post()
  async create(@CallerOf() caller: Caller, @ZodBody(sourceRequest) request: SourceRequest) {
    return this.view(valueOf(await this.sources.create(caller, request)));
  }

  @Get()
  async list(@CallerOf() caller: Caller, @ZodQuery(pageQuery) query: PageQuery) {
    const page = valueOf(await this.sources.list(caller, query));
    const statusOf = await this.sources.statuses();
    return viewPage(page, (state) => viewSource(state, statusOf(state)));
  }

  @Get(':id')
  async find(@CallerOf() caller: Caller, @Param('id') id: string) {
    return this.view(foundOr404(await this.sources.find(caller, id)));
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@CallerOf() caller: Caller, @Param('id') id: string, @IfMatch() expected: ExpectedVersions) {
    valueOf(await this.sources.remove(caller, id, expected));
  }

  private async view(state: SourceState) {
    const statusOf = await this.sources.statuses();
    return viewSource(state, statusOf(state));
  }
}
