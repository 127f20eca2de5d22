import { Body, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { parseBody, ZodBody, ZodQuery } from '@hookstream/service';
import { type Caller } from '../core/caller.js';
import { type ExpectedVersions } from '../core/config-store.js';
import {
  eventTypeReplacement,
  eventTypeRequest,
  type EventTypeRequest,
} from '../core/event-types/event-type-request.js';
import { asEventTypeRequest, viewEventType, viewSchemaVersion } from '../core/event-types/event-type-state.js';
import { EventTypes } from '../core/event-types/event-types.js';
import { mergePatch } from '../core/json-merge.js';
import { CallerOf } from './api-key.guard.js';
import { ConfigResource, tenantPageQuery, type TenantPageQuery, viewPage } from './config-resource.js';
import { IfMatch } from './if-match.js';
import { patched } from './patched.js';
import { foundOr404, valueOf } from './problem-of-rejection.js';

@ConfigResource('v1/event-types')
export class EventTypesController {
  constructor(private readonly eventTypes: EventTypes) {}

  @Post()
  async create(@CallerOf() caller: Caller, @ZodBody(eventTypeRequest) request: EventTypeRequest) {
    return viewEventType(valueOf(await this.eventTypes.create(caller, request)));
  }

  @Get()
  async list(@CallerOf() caller: Caller, @ZodQuery(tenantPageQuery) { organization, ...page }: TenantPageQuery) {
    return viewPage(valueOf(await this.eventTypes.list(caller, organization, page)), viewEventType);
  }

  @Get(':id')
  async find(@CallerOf() caller: Caller, @Param('id') id: string) {
    return viewEventType(foundOr404(await this.eventTypes.find(caller, id)));
  }

  @Get(':id/schemas')
  async schemas(@CallerOf() caller: Caller, @Param('id') id: string) {
    const { schemas } = foundOr404(await this.eventTypes.find(caller, id));
    return { data: schemas.map(viewSchemaVersion) };
  }

  @Patch(':id')
  async patch(
    @CallerOf() caller: Caller,
    @Param('id') id: string,
    @IfMatch() expected: ExpectedVersions,
    @Body() patch: unknown,
  ) {
    const state = await patched(this.eventTypes, { caller, id, expected }, (current) =>
      parseBody(eventTypeReplacement, wholly(mergePatch(asEventTypeRequest(current), patch), patch)),
    );
    return viewEventType(state);
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@CallerOf() caller: Caller, @Param('id') id: string, @IfMatch() expected: ExpectedVersions) {
    valueOf(await this.eventTypes.remove(caller, id, expected));
  }
}

/** Schema and example are replaced whole: merged member by member they would become what nobody wrote. */
function wholly(merged: unknown, patch: unknown): unknown {
  if (typeof merged !== 'object' || merged === null || typeof patch !== 'object' || patch === null) return merged;
  const given = Object.entries(patch).filter(([name]) => name === 'schema' || name === 'example');
  return { ...merged, ...Object.fromEntries(given) };
}
