import { ENV_SETTINGS, OTHER_VARIABLES } from '../src/config/environment/env-settings.ts';
import { variablesOf, type EnvSetting } from '../src/config/environment/env-values.ts';
import { alertSchema } from '../src/daemon/notify/registry.ts';
import { configJsonSchema, type JsonSchema } from '../src/config/schema/json-schema.ts';
import { STORE_TYPE_NAMES } from '../src/config/stores/registry.ts';

/** The tables of docs/configuration.md, by the name of the section that each belongs to. */
export function settingsTables(): ReadonlyMap<string, string> {
  const { instances, stores, http, daemon, alerts } = configJsonSchema(alertSchema).properties ?? {};
  const ofType = (type: string) => valueOf(stores).oneOf?.find((form) => form.properties?.type?.const === type);
  const extra: Row[] = [['stores', '', valueOf(instances).properties?.['stores'] ?? {}]];
  return new Map([
    ['instance', table([...rows(ENV_SETTINGS.instance, valueOf(instances)), ...extra])],
    ['store', table(rows(ENV_SETTINGS.store, ofType(STORE_TYPE_NAMES[0])))],
    ...STORE_TYPE_NAMES.map((type) => [type, table(rows(ENV_SETTINGS[type], ofType(type)))] as const),
    ['http', table(rows(ENV_SETTINGS.http, http))],
    ['daemon', table(rows(ENV_SETTINGS.daemon, daemon))],
    ['alerts', table(rows(ENV_SETTINGS.alerts, alerts))],
    ['channels', channelTable(alerts)],
    ['other', otherTable()],
  ]);
}

type Row = readonly [setting: string, variables: string, schema: JsonSchema];

function rows(settings: readonly EnvSetting[], section: JsonSchema | undefined): Row[] {
  return settings.map((setting): Row => {
    const variables = variablesOf(setting).map(code).join(', ');
    return [setting.path.join('.'), variables, schemaAt(section, setting.path)];
  });
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(([setting, variables, schema]) => {
    return `| ${code(setting)} | ${variables} | ${defaultOf(schema)} | ${schema.description ?? ''} |`;
  });
  return ['| Setting | Variable | Default | Meaning |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

/** One row for each setting of each type of channel. */
function channelTable(alerts: JsonSchema | undefined): string {
  const types = alerts?.anyOf?.find(({ items }) => items)?.items?.oneOf ?? [];
  const lines = types.flatMap(({ properties = {} }) =>
    Object.entries(properties).map(([name, schema]) => {
      const setting = name === 'type' ? `type: ${String(schema['const'])}` : name;
      return `| ${code(setting)} | ${defaultOf(schema)} | ${schema.description ?? ''} |`;
    }),
  );
  return ['| Setting | Default | Meaning |', '| --- | --- | --- |', ...lines].join('\n');
}

function otherTable(): string {
  const lines = Object.entries(OTHER_VARIABLES).map(([name, meaning]) => `| ${code(name)} | ${meaning} |`);
  return ['| Variable | Meaning |', '| --- | --- |', ...lines].join('\n');
}

function valueOf(section: JsonSchema | undefined): JsonSchema {
  const value = section?.additionalProperties;
  return typeof value === 'object' ? value : {};
}

/** The schema of a setting; through alternatives (null, the forms of a secret) to the first that has it. */
function schemaAt(schema: JsonSchema | undefined, [key, ...rest]: readonly string[]): JsonSchema {
  if (key === undefined) return schema ?? {};
  const forms = [schema ?? {}, ...(schema?.anyOf ?? [])];
  const child = forms.map((form) => form.properties?.[key]).find((found) => found !== undefined);
  if (!child) throw new Error(`env-settings.ts names a setting that the schema lacks: ${key}`);
  return schemaAt(child, rest);
}

function defaultOf({ default: value }: JsonSchema): string {
  const text = Array.isArray(value) ? value.join(', ') : JSON.stringify(value ?? '').replaceAll('"', '');
  return text === '' ? '' : code(text);
}

function code(text: string): string {
  return `\`${text}\``;
}
