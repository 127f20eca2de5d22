import { Controller, Get, Inject } from '@nestjs/common';
import { type oas31 } from 'zod-openapi';

export const OPEN_API_DOCUMENT = Symbol('hookstream.open-api-document');

@Controller()
export class OpenApiController {
  constructor(@Inject(OPEN_API_DOCUMENT) private readonly document: oas31.OpenAPIObject) {}

  @Get('openapi.json')
  read(): oas31.OpenAPIObject {
    return this.document;
  }
}
