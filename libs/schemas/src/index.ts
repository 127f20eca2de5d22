export { compileSchema, schemaProblem, type SchemaCheck, type Violation } from './compile-schema.js';
export { describeViolations, EventSchemas, type CheckedEvent, type DeclaredType } from './event-schemas.js';
export { MAX_SCHEMA_BYTES, type SchemaProblem } from './schema-rules.js';
