import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Organizations, subscriptions, keys, sources, and the outbox that announces them. */
export class ConfigSchema1780000000000 implements MigrationInterface {
  readonly name = 'ConfigSchema1780000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE organizations (
        id text PRIMARY KEY,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        version integer NOT NULL,
        name text NOT NULL,
        external_id text CONSTRAINT organizations_external_id UNIQUE,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      );
      CREATE UNIQUE INDEX organizations_seq ON organizations (seq);

      CREATE TABLE subscriptions (
        id text PRIMARY KEY,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        version integer NOT NULL,
        organization text NOT NULL CONSTRAINT subscriptions_organization REFERENCES organizations,
        name text NOT NULL,
        description text NOT NULL,
        active boolean NOT NULL,
        activated_at timestamptz,
        inactive_reason text,
        settings jsonb NOT NULL,
        max_age_follows_schedule boolean NOT NULL,
        sealed_secrets jsonb NOT NULL,
        metadata jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      );
      CREATE UNIQUE INDEX subscriptions_seq ON subscriptions (seq);
      CREATE INDEX subscriptions_by_organization ON subscriptions (organization, seq);

      CREATE TABLE api_keys (
        id text PRIMARY KEY,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        version integer NOT NULL,
        name text NOT NULL,
        organization text CONSTRAINT api_keys_organization REFERENCES organizations,
        role text NOT NULL,
        hash text NOT NULL CONSTRAINT api_keys_hash UNIQUE,
        prefix text NOT NULL,
        expires_at timestamptz,
        created_at timestamptz NOT NULL
      );
      CREATE UNIQUE INDEX api_keys_seq ON api_keys (seq);
      CREATE INDEX api_keys_by_organization ON api_keys (organization, seq);

      CREATE TABLE sources (
        id text PRIMARY KEY,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        version integer NOT NULL,
        name text NOT NULL,
        topic text NOT NULL CONSTRAINT sources_topic UNIQUE,
        mapping jsonb NOT NULL,
        start_from text NOT NULL,
        start_offsets jsonb NOT NULL,
        created_at timestamptz NOT NULL
      );
      CREATE UNIQUE INDEX sources_seq ON sources (seq);

      CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key text NOT NULL,
        value text,
        due_at timestamptz NOT NULL
      );
      CREATE INDEX outbox_due ON outbox (due_at, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox, sources, api_keys, subscriptions, organizations');
  }
}
