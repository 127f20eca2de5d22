import { runService } from '@hookstream/service';
import { configApi } from './config-api.module.js';

await runService(configApi());
