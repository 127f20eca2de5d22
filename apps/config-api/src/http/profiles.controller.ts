import { Controller, Get, UseGuards } from '@nestjs/common';
import { PROFILES } from '../core/profiles/profiles.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { Needs } from './needs.js';

/** The profiles are part of the program: the list is whole, and the same for everybody. */
@Controller('v1/profiles')
@UseGuards(ApiKeyGuard)
export class ProfilesController {
  @Get()
  @Needs('read')
  list() {
    return { data: PROFILES, nextCursor: null };
  }
}
