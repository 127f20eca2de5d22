import { runService } from '@hookstream/service';
import { settings } from './config.js';
import { RouterModule } from './router.module.js';

await runService({ name: 'router', settings, module: (host) => RouterModule.of(host) });
