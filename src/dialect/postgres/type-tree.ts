// A column's type as a tree: arrays down to their elements, domains to their base, composite types to their fields.
// Made by the catalog, kept as plain JSON in the column's facts, read by the type map on any thread. Pure.
import type { ColumnSchema, Json } from '../../types/schema.ts';
import { type TypeFacts, typeFacts } from './type-facts.ts';

export interface TypeNode {
  /** Name in pg_type: `int4`, `mood`. */
  readonly name: string;
  readonly schema: string;
  readonly builtIn: boolean;
  /** The extension that it belongs to, or null. */
  readonly extension: string | null;
  readonly kind: 'base' | 'array' | 'composite' | 'domain' | 'enum' | 'range' | 'pseudo';
  readonly typmod: number;
  /** As DDL spells it, with its typmod. */
  readonly native: string;
  /** False where the server has no binary form of it, or one that means something only there (oids of its objects). */
  readonly portableBinary: boolean;
  /** Decimals of money on that server. */
  readonly moneyScale: number | null;
  /** The row type of a table, which can't be made alone. */
  readonly ofTable: boolean;
  /** Element of an array, base of a domain, subtype of a range. */
  readonly inner: TypeNode | null;
  /** Of a composite type, in order, without those that were dropped. */
  readonly fields: readonly { readonly name: string; readonly type: TypeNode }[];
  /** Of an enum, in order. */
  readonly labels: readonly string[];
}

/** References by oid: their binary form is the oid, which is another object elsewhere. */
const REFERENCES = new Set([
  'regclass',
  'regcollation',
  'regconfig',
  'regdictionary',
  'regnamespace',
  'regoper',
  'regoperator',
  'regproc',
  'regprocedure',
  'regrole',
  'regtype',
  'regdatabase',
]);

/** Without a binary form, or with one that the server does not take back (empty vectors). */
const NO_BINARY = new Set(['aclitem', 'gtsvector', 'int2vector', 'oidvector']);

export function hasPortableBinary(name: string): boolean {
  return !REFERENCES.has(name) && !NO_BINARY.has(name);
}

/** The tree of a column's type: from the catalog's facts, else from the spelling of the type. */
export function typeNode(column: ColumnSchema): TypeNode {
  const tree = column.typeFacts?.['tree'];
  if (tree !== undefined && tree !== null) return nodeOf(tree);
  return flatNode(column.nativeType, typeFacts(column));
}

/** A plain built-in type, or an array of one. */
function flatNode(native: string, facts: TypeFacts): TypeNode {
  // int2vector has elements and is no array.
  const array = facts.type.startsWith('_') && facts.element !== null;
  const node: TypeNode = {
    name: facts.type,
    schema: facts.builtIn ? 'pg_catalog' : '',
    builtIn: facts.builtIn,
    extension: null,
    kind: array ? 'array' : (KINDS[facts.kind] ?? 'base'),
    typmod: facts.typmod,
    native: facts.domainOver ?? native,
    portableBinary: hasPortableBinary(facts.type),
    moneyScale: facts.moneyScale,
    ofTable: false,
    inner: null,
    fields: [],
    labels: [],
  };
  if (!array || facts.element === null) return node;
  const inner: TypeNode = {
    ...node,
    name: facts.element,
    kind: 'base',
    native: native.replace(/(\[\d*\])+$/, ''),
    portableBinary: hasPortableBinary(facts.element),
  };
  return { ...node, inner };
}

const KINDS: Readonly<Record<string, TypeNode['kind']>> = {
  b: 'base',
  c: 'composite',
  d: 'domain',
  e: 'enum',
  r: 'range',
  m: 'range',
  p: 'pseudo',
};

/** The kind by pg_type.typtype; arrays are told apart by the caller. */
export function kindOf(typtype: string): TypeNode['kind'] {
  return KINDS[typtype] ?? 'pseudo';
}

/** From JSON, which may have lain in a metadata table: what isn't as it should be becomes a type nobody knows. */
function nodeOf(json: Json): TypeNode {
  const facts = isRecord(json) ? json : {};
  const text = (key: string) => (typeof facts[key] === 'string' ? (facts[key] as string) : '');
  const list = (key: string): readonly Json[] => (Array.isArray(facts[key]) ? (facts[key] as Json[]) : []);
  const extension = facts['extension'];
  const inner = facts['inner'];
  const kind = text('kind') as TypeNode['kind'];
  const scale = facts['moneyScale'];
  return {
    name: text('name'),
    schema: text('schema'),
    builtIn: facts['builtIn'] === true,
    extension: typeof extension === 'string' ? extension : null,
    kind: Object.values(KINDS).includes(kind) || kind === 'array' ? kind : 'pseudo',
    typmod: typeof facts['typmod'] === 'number' ? facts['typmod'] : -1,
    native: text('native'),
    portableBinary: facts['portableBinary'] !== false,
    moneyScale: typeof scale === 'number' ? scale : null,
    ofTable: facts['ofTable'] === true,
    inner: inner === undefined || inner === null ? null : nodeOf(inner),
    fields: list('fields').map((field) => ({
      name: isRecord(field) && typeof field['name'] === 'string' ? field['name'] : '',
      type: nodeOf(isRecord(field) ? (field['type'] ?? null) : null),
    })),
    labels: list('labels').filter((label): label is string => typeof label === 'string'),
  };
}

function isRecord(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Only what isn't as usual: facts stand in every plan and in the metadata table. */
export function treeJson(node: TypeNode): Json {
  const json: Record<string, Json> = {
    name: node.name,
    schema: node.schema,
    kind: node.kind,
    native: node.native,
  };
  if (node.builtIn) json['builtIn'] = true;
  if (node.extension !== null) json['extension'] = node.extension;
  if (node.typmod !== -1) json['typmod'] = node.typmod;
  if (!node.portableBinary) json['portableBinary'] = false;
  if (node.moneyScale !== null) json['moneyScale'] = node.moneyScale;
  if (node.ofTable) json['ofTable'] = true;
  if (node.inner) json['inner'] = treeJson(node.inner);
  if (node.fields.length > 0)
    json['fields'] = node.fields.map(({ name, type }) => ({ name, type: treeJson(type) }));
  if (node.labels.length > 0) json['labels'] = [...node.labels];
  return json;
}

/** Below any domains. */
export function baseNode(node: TypeNode): TypeNode {
  return node.kind === 'domain' && node.inner ? baseNode(node.inner) : node;
}

/** True if the type or anything in it is so. */
export function someNode(node: TypeNode, test: (node: TypeNode) => boolean): boolean {
  if (test(node)) return true;
  if (node.inner && someNode(node.inner, test)) return true;
  return node.fields.some((field) => someNode(field.type, test));
}
