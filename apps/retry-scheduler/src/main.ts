import { runService } from '@hookstream/service';
import { settings } from './config.js';
import { RetrySchedulerModule } from './retry-scheduler.module.js';

await runService({ name: 'retry-scheduler', settings, module: (host) => RetrySchedulerModule.of(host) });
