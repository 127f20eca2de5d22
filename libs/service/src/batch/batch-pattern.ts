import { EventPattern } from '@nestjs/microservices';

/**
 * Marks a controller's method as the handler of a `BatchTransport`'s pattern: `onBatch(batch: RecordBatch): Promise<void>`.
 * It is awaited; a throw makes the consumer hand the batch again after a back-off.
 */
export function BatchPattern(pattern: string): MethodDecorator {
  return EventPattern<string>(pattern);
}
