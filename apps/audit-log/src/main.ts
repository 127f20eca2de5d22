import { runService } from '@hookstream/service';
import { AuditLogModule } from './audit-log.module.js';
import { settings } from './config.js';

await runService({ name: 'audit-log', settings, module: (host) => AuditLogModule.of(host) });
