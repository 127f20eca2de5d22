import { runService } from '@hookstream/service';
import { settings } from './config.js';
import { DispatcherModule } from './dispatcher.module.js';

await runService({ name: 'dispatcher', settings, module: (host) => DispatcherModule.of(host) });
