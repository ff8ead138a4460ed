import type { Migration, SchemaBuilder, TableBuilder } from '../migrate.ts';

// Written out and never changed again: a later shape is a later migration. `bigint` is 64 bits on both databases.

const id = (builder: TableBuilder): TableBuilder =>
  builder.addColumn('id', 'text', (column) => column.primaryKey().notNull()).addColumn('farm_id', 'text', (column) => column.notNull());

function add(builder: TableBuilder, kind: 'text' | 'bigint' | 'double precision' | 'integer', names: readonly string[]): TableBuilder {
  return names.reduce((table, name) => {
    const isNullable = name.endsWith('?');
    return table.addColumn(isNullable ? name.slice(0, -1) : name, kind, (column) => (isNullable ? column : column.notNull()));
  }, builder);
}

const text = (builder: TableBuilder, ...names: string[]) => add(builder, 'text', names);
const whole = (builder: TableBuilder, ...names: string[]) => add(builder, 'bigint', names);
const real = (builder: TableBuilder, ...names: string[]) => add(builder, 'double precision', names);
const flag = (builder: TableBuilder, ...names: string[]) => add(builder, 'integer', names);

async function farmTables(schema: SchemaBuilder): Promise<void> {
  // A farm's id is its farm id.
  let table: TableBuilder = schema.createTable('farms').addColumn('id', 'text', (column) => column.primaryKey().notNull());
  table = flag(whole(text(table, 'name', 'language', 'time_zone'), 'epoch', 'created_at_ms'), 'is_demo');
  await table.execute();

  table = text(id(schema.createTable('servers')), 'name', 'address', 'public_addresses', 'key_fingerprint', 'facts', 'agent_version');
  table = real(whole(flag(table, 'is_draining'), 'seen_at_ms', 'joined_at_ms'), 'clock_offset_ms');
  await table
    .addUniqueConstraint('servers_key', ['farm_id', 'key_fingerprint'])
    .addUniqueConstraint('servers_name', ['farm_id', 'name'])
    .execute();

  table = text(id(schema.createTable('customers')), 'name', 'contact', 'language', 'external_reference');
  await whole(table, 'created_at_ms').execute();

  table = text(id(schema.createTable('settings')), 'value?');
  await table.execute();
}

async function instanceTables(schema: SchemaBuilder): Promise<void> {
  let table: TableBuilder = text(
    id(schema.createTable('instances')),
    'name',
    'domain_id',
    'customer_id?',
    'server_id?',
    'package_id',
    'package_version',
  );
  table = text(table, 'manifest_hash', 'plan_id', 'labels', 'parameters', 'sealed_secrets', 'wish', 'job_id?');
  table = whole(table, 'handed_over_at_ms?', 'created_at_ms');
  await table.addUniqueConstraint('instances_name', ['farm_id', 'domain_id', 'name']).execute();
  await schema.createIndex('instances_server').on('instances').column('server_id').execute();

  table = whole(text(id(schema.createTable('plans')), 'package_id', 'key', 'name'), 'memory_bytes', 'cpu_millicores', 'disk_bytes');
  await table.addUniqueConstraint('plans_key', ['farm_id', 'package_id', 'key']).execute();

  table = text(id(schema.createTable('packages')), 'package_id', 'version', 'manifest_json', 'manifest_hash', 'signature', 'payloads');
  await whole(table, 'added_at_ms').execute();
}

async function domainTables(schema: SchemaBuilder): Promise<void> {
  let table: TableBuilder = text(id(schema.createTable('domains')), 'name', 'dns_kind', 'dns_settings', 'sealed_credentials');
  table = whole(flag(table, 'is_default'), 'created_at_ms');
  await table.addUniqueConstraint('domains_name', ['farm_id', 'name']).execute();

  table = text(id(schema.createTable('owned_records')), 'domain_id', 'instance_id', 'name', 'type', 'value');
  await whole(table, 'ttl_seconds', 'created_at_ms').execute();
  await schema.createIndex('owned_records_instance').on('owned_records').column('instance_id').execute();

  table = text(id(schema.createTable('served_records')), 'zone', 'name', 'type', 'value');
  await whole(table, 'ttl_seconds').execute();
  await schema.createIndex('served_records_name').on('served_records').columns(['zone', 'name']).execute();

  table = text(id(schema.createTable('certificates')), 'domain_id?', 'kind', 'names', 'chain_pem', 'sealed_key', 'issuer');
  table = text(table, 'serial_number', 'fingerprint_sha256');
  await whole(table, 'not_before_ms', 'not_after_ms', 'created_at_ms').execute();
}

async function jobTables(schema: SchemaBuilder): Promise<void> {
  let table: TableBuilder = text(id(schema.createTable('jobs')), 'type', 'subject', 'actor', 'request_key', 'state', 'direction', 'input');
  table = text(table, 'failure?', 'traces', 'placement?', 'actor_key', 'subject_id');
  table = whole(table, 'version', 'created_at_ms', 'ended_at_ms?');
  await table.addUniqueConstraint('jobs_request', ['farm_id', 'request_key', 'actor_key']).execute();
  await schema.createIndex('jobs_subject').on('jobs').column('subject_id').execute();
  await schema.createIndex('jobs_state').on('jobs').column('state').execute();

  table = text(id(schema.createTable('job_steps')), 'job_id', 'name', 'outcome', 'waiting?', 'failure?', 'actor', 'memo');
  await whole(table, 'index', 'attempts', 'started_at_ms?', 'ended_at_ms?').execute();
  await schema.createIndex('job_steps_job').on('job_steps').column('job_id').execute();

  table = text(id(schema.createTable('locks')), 'job_id');
  await whole(table, 'taken_at_ms').execute();

  table = text(id(schema.createTable('acts')), 'procedure', 'input_hash', 'actor?', 'state', 'answer?');
  await whole(table, 'at_ms').execute();

  table = text(id(schema.createTable('durations')), 'job_type', 'step');
  await whole(real(table, 'duration_ms'), 'at_ms').execute();
  await schema.createIndex('durations_step').on('durations').columns(['job_type', 'step']).execute();
}

async function sampleTable(schema: SchemaBuilder): Promise<void> {
  let table: TableBuilder = schema.createTable('samples');
  table = real(whole(text(table, 'farm_id', 'server_id', 'subject_id', 'values'), 'at_ms', 'agent_at_ms'), 'clock_offset_ms');
  await table.addPrimaryKeyConstraint('samples_primary', ['subject_id', 'agent_at_ms']).execute();
  await schema.createIndex('samples_range').on('samples').columns(['subject_id', 'at_ms']).execute();
  await schema.createIndex('samples_newest').on('samples').columns(['server_id', 'agent_at_ms']).execute();
  await schema.createIndex('samples_age').on('samples').column('at_ms').execute();
}

export const first: Migration = {
  name: '0001-first',
  up: async (schema) => {
    await farmTables(schema);
    await instanceTables(schema);
    await domainTables(schema);
    await jobTables(schema);
    await sampleTable(schema);
  },
};
