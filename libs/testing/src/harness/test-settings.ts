/** The Kafka of this test run, `host:port`; integration and end-to-end tests only. */
export function testKafkaBrokers(): string {
  return required('HOOKSTREAM_TEST_KAFKA_BROKERS');
}

/** The PostgreSQL of this test run; integration and end-to-end tests only. Each test makes its own schema. */
export function testDatabaseUrl(): string {
  return required('HOOKSTREAM_TEST_DATABASE_URL');
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: run this test with jest.int.config.mjs or jest.e2e.config.mjs`);
  return value;
}
