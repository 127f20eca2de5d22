import { Body, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { parseBody, ZodBody, ZodQuery } from '@hookstream/service';
import {
  apiKeyReplacement,
  type ApiKeyRequest,
  apiKeyRequest,
  ApiKeys,
  patchedApiKey,
  viewApiKey,
} from '../core/api-keys/api-keys.js';
import { type Caller } from '../core/caller.js';
import { type ExpectedVersions } from '../core/config-store.js';
import { CallerOf } from './api-key.guard.js';
import { ConfigResource, tenantPageQuery, type TenantPageQuery, viewPage } from './config-resource.js';
import { IfMatch } from './if-match.js';
import { Needs } from './needs.js';
import { patched } from './patched.js';
import { foundOr404, valueOf } from './problem-of-rejection.js';

@Needs('administer')
@ConfigResource('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeys) {}

  @Post()
  async create(@CallerOf() caller: Caller, @ZodBody(apiKeyRequest) request: ApiKeyRequest) {
    const { state, key } = valueOf(await this.apiKeys.create(caller, request));
    return viewApiKey(state, key);
  }

  @Get()
  async list(@CallerOf() caller: Caller, @ZodQuery(tenantPageQuery) { organization, ...page }: TenantPageQuery) {
    const listed = valueOf(await this.apiKeys.list(caller, organization, page));
    return viewPage(listed, (state) => viewApiKey(state));
  }

  @Get(':id')
  async find(@CallerOf() caller: Caller, @Param('id') id: string) {
    return viewApiKey(foundOr404(await this.apiKeys.find(caller, id)));
  }

  @Patch(':id')
  async patch(
    @CallerOf() caller: Caller,
    @Param('id') id: string,
    @IfMatch() expected: ExpectedVersions,
    @Body() patch: unknown,
  ) {
    const state = await patched(this.apiKeys, { caller, id, expected }, (current) =>
      parseBody(apiKeyReplacement, patchedApiKey(current, patch)),
    );
    return viewApiKey(state);
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@CallerOf() caller: Caller, @Param('id') id: string, @IfMatch() expected: ExpectedVersions) {
    valueOf(await this.apiKeys.remove(caller, id, expected));
  }
}
