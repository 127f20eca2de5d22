import { Body, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { parseBody, ZodBody, ZodQuery } from '@hookstream/service';
import { type Caller } from '../core/caller.js';
import { type ExpectedVersions } from '../core/config-store.js';
import { mergePatch } from '../core/json-merge.js';
import {
  organizationRequest,
  type OrganizationRequest,
  Organizations,
  viewOrganization,
} from '../core/organizations/organizations.js';
import { CallerOf } from './api-key.guard.js';
import { ConfigResource, pageQuery, type PageQuery, viewPage } from './config-resource.js';
import { IfMatch } from './if-match.js';
import { Needs } from './needs.js';
import { patched } from './patched.js';
import { foundOr404, valueOf } from './problem-of-rejection.js';

@Needs('administer')
@ConfigResource('v1/organizations')
export class OrganizationsController {
  constructor(private readonly organizations: Organizations) {}

  @Post()
  async create(@CallerOf() caller: Caller, @ZodBody(organizationRequest) request: OrganizationRequest) {
    return viewOrganization(valueOf(await this.organizations.create(caller, request)));
  }

  @Get()
  async list(@CallerOf() caller: Caller, @ZodQuery(pageQuery) query: PageQuery) {
    return viewPage(await this.organizations.list(caller, query), viewOrganization);
  }

  @Get(':id')
  async find(@CallerOf() caller: Caller, @Param('id') id: string) {
    return viewOrganization(foundOr404(await this.organizations.find(caller, id)));
  }

  @Patch(':id')
  async patch(
    @CallerOf() caller: Caller,
    @Param('id') id: string,
    @IfMatch() expected: ExpectedVersions,
    @Body() patch: unknown,
  ) {
    const state = await patched(
      this.organizations,
      { caller, id, expected },
      ({ name, externalId, quotas, startInactive }) => {
        const present = { name, externalId, quotas, startInactive };
        return parseBody(organizationRequest, mergePatch(present, patch));
      },
    );
    return viewOrganization(state);
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@CallerOf() caller: Caller, @Param('id') id: string, @IfMatch() expected: ExpectedVersions) {
    valueOf(await this.organizations.remove(caller, id, expected));
  }
}
