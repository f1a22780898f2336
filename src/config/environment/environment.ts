// Settings by environment variables: one table of variables, and how a value becomes a setting. Nothing else
// of flowkeep reads the environment.

import { resolve } from 'node:path';
import type { ConfigProblem } from '../problems/errors.ts';
import { formatPath, isSection } from '../problems/path.ts';
import {
  DEFAULT_STORE_TYPE,
  parseStoreUrl,
  STORE_TYPE_NAMES,
  storeTypes,
  type StoreTypeName,
} from '../stores/registry.ts';
import { ENV_SETTINGS } from './env-settings.ts';
import { textToValue, variablesOf, type Environment, type EnvSetting } from './env-values.ts';

type Section = Record<string, unknown>;

/** What the environment gives, in the form of a config file, and which variable each value stands for. */
export interface EnvironmentPart {
  readonly sections: {
    instances?: Section;
    stores?: Section;
    http?: Section;
    daemon?: Section;
    alerts?: Section;
  };
  /** From the path of a setting to the variable that gives it, or would. */
  readonly variables: ReadonlyMap<string, string>;
  readonly used: readonly string[];
  readonly unused: readonly string[];
  readonly problems: readonly ConfigProblem[];
}

/** The one store of the environment. */
const STORE_NAME = 'default';

/**
 * Reads the variables for what the file leaves out: a section `instances` or `stores` in the file is taken whole, so
 * that the variables of the one instance or store have no effect; of the other sections, each setting by itself.
 * `file` is null if there is none. An empty variable counts as not set.
 */
export function readEnvironment(env: Environment, cwd: string, file: Section | null): EnvironmentPart {
  const reader = new Reader(env, cwd);
  const given = { instance: isGiven(file?.['instances']), store: isGiven(file?.['stores']) };
  return {
    sections: {
      ...(given.instance ? reader.skip(instanceVariables) : reader.instance(file === null)),
      ...(given.store ? reader.skip(storeVariables) : reader.store()),
      http: reader.section('http', file?.['http']),
      daemon: reader.section('daemon', file?.['daemon']),
      alerts: reader.section('alerts', file?.['alerts']),
    },
    variables: reader.variables,
    used: [...reader.used],
    unused: reader.unused,
    problems: reader.problems,
  };
}

const instanceVariables = ['FLOWKEEP_INSTANCE', ...ENV_SETTINGS.instance.flatMap(variablesOf)];
const ofType = (type: StoreTypeName): string[] => ENV_SETTINGS[type].flatMap(variablesOf);
const storeVariables = [
  ...new Set(['FLOWKEEP_STORE', ...ENV_SETTINGS.store.flatMap(variablesOf), ...STORE_TYPE_NAMES.flatMap(ofType)]),
];

function isGiven(section: unknown): boolean {
  return section !== undefined && section !== null;
}

/** Collects values, their variables and problems while it goes through the sections. */
class Reader {
  readonly variables = new Map<string, string>();
  readonly used = new Set<string>();
  readonly unused: string[] = [];
  readonly problems: ConfigProblem[] = [];
  readonly #env: Environment;
  readonly #cwd: string;

  constructor(env: Environment, cwd: string) {
    this.#env = env;
    this.#cwd = cwd;
  }

  /** Notes variables that are set although the file decides. */
  skip(variables: readonly string[]): object {
    this.unused.push(...variables.filter((variable) => this.#has(variable)));
    return {};
  }

  /** The one instance; none where no variable of it is set, unless there is no file to hold another. */
  instance(isOnlySource: boolean): { instances?: Section } {
    if (!isOnlySource && !instanceVariables.some((variable) => this.#has(variable))) return {};
    const name = this.#take('FLOWKEEP_INSTANCE') ?? 'default';
    this.variables.set(formatPath(['instances', name]), 'FLOWKEEP_INSTANCE');
    const section: Section = {};
    this.#fill(section, ['instances', name], ENV_SETTINGS.instance);
    return { instances: { [name]: section } };
  }

  /** The one store: what FLOWKEEP_STORE names, changed by single variables; without either the embedded default. */
  store(): { stores: Section } {
    const at = ['stores', STORE_NAME];
    const store = this.#storeOfUrl(at) ?? { type: this.#storeType() };
    this.#fill(store, at, [...ENV_SETTINGS.store, ...ENV_SETTINGS[store.type]]);
    this.#refuseOthers(store.type);
    this.problems.push(...(storeTypes[store.type].complete?.(store, this.#cwd) ?? []));
    return { stores: { [STORE_NAME]: store } };
  }

  /** The file's settings, and from the environment those that it lacks. */
  section(name: 'http' | 'daemon' | 'alerts', fromFile: unknown): Section {
    const settings = ENV_SETTINGS[name];
    if (isGiven(fromFile) && !isSection(fromFile)) {
      // Such as a list of alerts, which is taken whole.
      this.skip(settings.flatMap(variablesOf));
      return fromFile as Section;
    }
    const section: Section = isSection(fromFile) ? { ...fromFile } : {};
    const isDecided = ({ path }: EnvSetting) => path.every((key) => key in section);
    this.skip(settings.filter(isDecided).flatMap(variablesOf));
    this.#fill(
      section,
      [name],
      settings.filter((setting) => !isDecided(setting)),
    );
    return section;
  }

  #storeOfUrl(at: string[]): (Section & { type: StoreTypeName }) | null {
    const text = this.#take('FLOWKEEP_STORE');
    if (text === undefined) return null;
    const store = parseStoreUrl(text.trim(), this.#cwd);
    if ('type' in store) {
      for (const key of Object.keys(store)) this.variables.set(formatPath([...at, key]), 'FLOWKEEP_STORE');
      return store;
    }
    this.problems.push({ path: 'FLOWKEEP_STORE', ...store });
    return null;
  }

  /** The type that has every variable that is set, or else the default one, to which the others then do not belong. */
  #storeType(): StoreTypeName {
    const given = STORE_TYPE_NAMES.flatMap(ofType).filter((variable) => this.#has(variable));
    const fits = (type: StoreTypeName) => given.every((variable) => ofType(type).includes(variable));
    return STORE_TYPE_NAMES.find(fits) ?? DEFAULT_STORE_TYPE;
  }

  /** Reports variables of the other types of store: they would have no effect, and someone counts on them. */
  #refuseOthers(type: StoreTypeName): void {
    if (this.problems.some(({ path }) => path === 'FLOWKEEP_STORE')) return;
    for (const other of STORE_TYPE_NAMES) {
      for (const variable of ofType(other)) {
        if (!this.#has(variable) || ofType(type).includes(variable)) continue;
        const message = `is a setting of an ${other} store, but the store is ${type}`;
        const remedy = 'remove it, or name the other store by FLOWKEEP_STORE';
        this.problems.push({ path: variable, message, remedy });
      }
    }
  }

  #fill(section: Section, at: readonly string[], settings: readonly EnvSetting[]): void {
    for (const setting of settings) {
      const key = formatPath([...at, ...setting.path]);
      // A setting that FLOWKEEP_STORE has given already stays traced to it, until its own variable overrides it.
      if (!this.variables.has(key)) this.variables.set(key, setting.variable);
      const found = setting.type === 'secret' ? this.#secret(setting.variable) : this.#value(setting);
      if (found === undefined) continue;
      this.variables.set(key, found.variable);
      assign(section, setting.path, found.value);
    }
  }

  #value({ variable, type }: EnvSetting): Found | undefined {
    const text = this.#take(variable);
    return text === undefined ? undefined : { variable, value: textToValue(text, type, this.#cwd) };
  }

  /** A reference, so that the secret itself is read in one place only (secrets.ts). */
  #secret(variable: string): Found | undefined {
    const fileVariable = `${variable}_FILE`;
    if (this.#has(variable) && this.#has(fileVariable)) {
      const message = `is set, and so is ${fileVariable}`;
      this.problems.push({ path: variable, message, remedy: 'set one of them' });
    }
    if (this.#take(variable) !== undefined) return { variable, value: { env: variable } };
    const file = this.#take(fileVariable);
    if (file === undefined) return undefined;
    return { variable: fileVariable, value: { file: resolve(this.#cwd, file.trim()) } };
  }

  #has(variable: string): boolean {
    return (this.#env[variable] ?? '').trim() !== '';
  }

  #take(variable: string): string | undefined {
    if (!this.#has(variable)) return undefined;
    this.used.add(variable);
    return this.#env[variable];
  }
}

interface Found {
  readonly variable: string;
  readonly value: unknown;
}

/** Sets a value at a path; a section that is already there (the token beside a user name) is added to. */
function assign(section: Section, [key = '', ...rest]: readonly string[], value: unknown): void {
  const present = section[key];
  if (rest.length > 0) assign((section[key] = isSection(present) ? present : {}), rest, value);
  else section[key] = value;
}
