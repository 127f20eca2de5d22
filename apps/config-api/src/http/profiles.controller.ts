import { Controller, Get, UseGuards } from '@nestjs/common';
import { ZodQuery } from '@hookstream/service';
import { z } from 'zod';
import { listedProfiles } from '../core/profiles/profiles.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { Needs } from './needs.js';

/** It takes no parameters, and says so to whoever gives one. */
const noQuery = z.strictObject({});

/** The profiles are part of the program: the list is whole, and the same for everybody. */
@Controller('v1/profiles')
@UseGuards(ApiKeyGuard)
export class ProfilesController {
  @Get()
  @Needs('read')
  list(@ZodQuery(noQuery) query: z.output<typeof noQuery>) {
    return { data: listedProfiles, nextCursor: null, ...query };
  }
}
