// Reads --config FILE: YAML or JSON (which YAML includes). Main thread. Every fault is an E_CONFIG that names
// file, line and key; nothing in the file is ignored.
import { readFileSync } from 'node:fs';
import { isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TableOptions } from '../transfer/options.ts';
import { parsePolicies } from '../types/policy.ts';
import {
  CONFIG_KEYS,
  type FileConfig,
  listedTablesSchema,
  mappedTablesSchema,
  TABLE_KEYS,
} from './config-schema.ts';
import { didYouMean } from './nearest.ts';

type Path = readonly (string | number)[];

/** @throws FerrowError E_CONFIG */
export function readConfigFile(file: string): FileConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a directory'
          : code === 'EACCES'
            ? 'it may not be read'
            : 'reading it failed';
    throw new FerrowError('E_CONFIG', `the configuration file ${file} can not be read: ${why}`, {
      hint: 'check the path that --config or FERROW_CONFIG gives',
      cause: error,
    });
  }
  return parseConfig(text, file);
}

/**
 * @param file its name, for errors
 * @throws FerrowError E_CONFIG with file and line
 */
export function parseConfig(text: string, file: string): FileConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fault = document.errors[0];
  if (fault !== undefined) {
    const line = lines.linePos(fault.pos[0]).line;
    throw new FerrowError('E_CONFIG', `${file}, line ${line}: ${firstSentence(fault.message)}`, {
      hint: 'the file must be valid YAML or JSON',
    });
  }
  if (document.contents === null) return {};
  const lineOf = (path: Path, key?: string): number => {
    const node = nodeAt(document.contents, path, key);
    return lines.linePos(node?.range?.[0] ?? 0).line;
  };
  const refuse = (path: Path, message: string, hint?: string, key?: string): never => {
    const full = key === undefined ? path : [...path, key];
    const where = full.length === 0 ? '' : ` ${full.join('.')}`;
    throw new FerrowError('E_CONFIG', `${file}, line ${lineOf(path, key)}:${where} ${message}`, {
      ...(hint === undefined ? {} : { hint }),
    });
  };
  if (!isMap(document.contents)) return refuse([], 'a configuration is a map of options');
  let content: Record<string, unknown>;
  try {
    content = document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>;
  } catch (error) {
    return refuse([], error instanceof Error ? firstSentence(error.message) : 'can not be read');
  }
  const mapped = isMap(document.contents.get('tables'));
  const schema = mapped ? mappedTablesSchema : listedTablesSchema;
  const result = schema.safeParse(content);
  if (!result.success) return refuseIssue(result.error.issues[0], content, refuse);
  const config = settle(result.data as Record<string, unknown>, mapped, refuse);
  checkPolicies(config, mapped, refuse);
  return config;
}

type Refuse = (path: Path, message: string, hint?: string, key?: string) => never;

function refuseIssue(issue: z.core.$ZodIssue, content: unknown, refuse: Refuse): never {
  const path = issue.path.filter((step) => typeof step !== 'symbol') as (string | number)[];
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0];
    const known =
      path.length === 0 ? CONFIG_KEYS : path[path.length - 2] === 'columnOptions' ? ['allow'] : TABLE_KEYS;
    return refuse(path, 'is not an option', didYouMean(key, known, `known are ${known.join(', ')}`), key);
  }
  const given = valueAt(content, path);
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.join(', ');
    return refuse(path, `can not be ${show(given)}: ${allowed} are allowed`, `use one of ${allowed}`);
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
    const empty = issue.code === 'too_small' && (issue.origin === 'array' || issue.origin === 'string');
    return refuse(path, empty ? 'must not be empty' : `must be ${bound}, not ${show(given)}`);
  }
  const wanted: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'a text',
    boolean: 'true or false',
    array: 'a list',
    record: 'a map',
    object: 'a map',
  };
  if (issue.code === 'invalid_type') {
    return refuse(path, `must be ${wanted[issue.expected] ?? issue.expected}, not ${show(given)}`);
  }
  return refuse(path, issue.message);
}

/** `tables` as a map becomes `tableOptions`; empty entries go. */
function settle(data: Record<string, unknown>, mapped: boolean, refuse: Refuse): FileConfig {
  const { tables, tableOptions, ...rest } = data;
  if (mapped && tableOptions !== undefined) {
    return refuse(['tableOptions'], 'says the same as tables when that is a map', 'keep one of the two');
  }
  const perTable = (mapped ? tables : tableOptions) as Record<string, TableOptions | null> | undefined;
  const kept = Object.entries(perTable ?? {}).filter(
    (entry): entry is [string, TableOptions] => entry[1] !== null,
  );
  return {
    ...rest,
    ...(mapped || tables === undefined ? {} : { tables }),
    ...(perTable === undefined ? {} : { tableOptions: Object.fromEntries(kept) }),
  } as FileConfig;
}

function checkPolicies(config: FileConfig, mapped: boolean, refuse: Refuse): void {
  const check = (items: readonly string[] | undefined, path: Path): void => {
    try {
      parsePolicies(items ?? []);
    } catch (error) {
      const { message, hint } = FerrowError.from(error);
      refuse(path, message.replace(/^--allow:?\s*/, ''), hint);
    }
  };
  check(config.allow, ['allow']);
  const at = mapped ? 'tables' : 'tableOptions';
  for (const [table, options] of Object.entries(config.tableOptions ?? {})) {
    check(options.allow, [at, table, 'allow']);
    for (const [column, { allow }] of Object.entries(options.columnOptions ?? {})) {
      check(allow, [at, table, 'columnOptions', column, 'allow']);
    }
  }
}

/** The node of a path; with `key`, the key itself. Falls back to the nearest ancestor there is. */
function nodeAt(root: unknown, path: Path, key?: string): Node | null {
  let node = root as Node | null;
  let found = node;
  for (const step of path) {
    const next = (node as { get?(key: unknown, keep: boolean): unknown } | null)?.get?.(step, true);
    const pair = keyNode(node, String(step));
    if (pair !== null) found = pair;
    if (next === undefined || next === null) return found;
    node = next as Node;
    if (pair === null) found = node;
  }
  return key === undefined ? found : (keyNode(node, key) ?? found);
}

function keyNode(node: unknown, key: string): Node | null {
  if (!isMap(node)) return null;
  const pair = node.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key,
  );
  return pair === undefined ? null : (pair.key as Node);
}

function valueAt(content: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined,
    content,
  );
}

function show(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  return JSON.stringify(value);
}

function firstSentence(message: string): string {
  return message.split('\n')[0].replace(/[.:]$/, '');
}
