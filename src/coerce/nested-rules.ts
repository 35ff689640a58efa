// The rows of the conversion table for lists, structs, maps and unions: among themselves, and to and from JSON text.
// What is inside goes through conversions of its own. Keys of maps never follow a policy: two could become one.
import { withType } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { childTypes, type LogicalType } from '../types/logical-type.ts';
import type { Policies, PolicyKey } from '../types/policy.ts';
import { jsonNumbersToFloat } from './json-number.ts';
import { hasJsonForm, jsonPrintCodes } from './json-print.ts';
import { jsonToNested } from './json-shape.ts';
import type { Kernel } from './kernel.ts';
import { checkSize, nestedToJson, nestedToNested } from './nested.ts';
import { type Conversion, type Rule, type RuleResult, rule } from './rule.ts';

type Find = (from: LogicalType, to: LogicalType, policies: Policies) => Conversion | null;

const NESTED_KINDS = ['list', 'struct', 'map', 'union'] as const;
const TEXT: LogicalType = { kind: 'text' };
const JSON_CODES: readonly ErrorCode[] = [
  'E_INVALID_UTF8',
  'E_INVALID_JSON',
  'E_INVALID_NUMBER',
  'E_ARRAY_SHAPE',
];

/** What a value may be refused with on its way to JSON, at most. */
const PRINT_CODES: readonly ErrorCode[] = [
  'E_INVALID_UTF8',
  'E_INVALID_JSON',
  'E_INVALID_NUMBER',
  'E_INVALID_BIT',
  'E_TIME_RANGE',
  'E_TIMESTAMP_RANGE',
];

/** The rules for nested types; `find` is the table itself. */
export function nestedRules(find: Find): Rule[] {
  return [
    rule('list', 'list', 'by element; other sizes are refused', ['E_ARRAY_SHAPE'], [], (from, to, p) => {
      if (from.size !== undefined && to.size !== undefined && from.size !== to.size) return null;
      const { size } = to;
      const isResized = size !== undefined && from.size === undefined;
      return byChildren(
        to,
        [find(from.element, to.element, p)],
        from.size === to.size,
        isResized ? size : null,
      );
    }),
    rule('struct', 'struct', 'by field; only with the same names in the same order', [], [], (from, to, p) =>
      sameNames(from.fields, to.fields)
        ? byChildren(
            to,
            from.fields.map((field, at) => find(field.type, to.fields[at].type, p)),
          )
        : null,
    ),
    rule('map', 'map', 'by key and value; policies never concern keys', [], [], (from, to, p) =>
      byChildren(to, [find(from.key, to.key, {}), find(from.value, to.value, p)]),
    ),
    rule('union', 'union', 'by member; only with the same names in the same order', [], [], (from, to, p) =>
      sameNames(from.members, to.members)
        ? byChildren(
            to,
            from.members.map((member, at) => find(member.type, to.members[at].type, p)),
          )
        : null,
    ),
    ...NESTED_KINDS.flatMap((kind) =>
      (['json', 'text'] as const).flatMap((text): Rule[] => [
        {
          from: kind,
          to: text,
          note: PRINT_NOTES[kind],
          codes: PRINT_CODES,
          policies: [],
          find: (from, to) => toText(from, to),
        },
        {
          from: text,
          to: kind,
          note: READ_NOTES[kind],
          codes: JSON_CODES,
          policies: [],
          find: (_, to, policies) => fromText(to, policies, find),
        },
      ]),
    ),
  ];
}

const PRINT_NOTES = {
  list: 'JSON: `[1, null]`, without spaces',
  struct: 'JSON: `{"field": value}`',
  map: 'JSON: `{"key": value}` if keys are text, else `[[key, value]]`',
  union: 'JSON: `{"member": value}`',
} as const;

const READ_NOTES = {
  list: 'JSON of that shape; elements by their own conversion from text',
  struct: 'JSON of that shape; no field may be missing, unknown or there twice',
  map: 'JSON of that shape; no key may be there twice',
  union: 'JSON of that shape',
} as const;

function sameNames(
  a: readonly { readonly name: string }[],
  b: readonly { readonly name: string }[],
): boolean {
  return a.length === b.length && a.every(({ name }, at) => name === b[at].name);
}

/** A conversion by those of the children; `size`: each list must have so many elements. */
function byChildren(
  to: LogicalType,
  inner: readonly (Conversion | null)[],
  sameShape = true,
  size: number | null = null,
): RuleResult | null {
  if (!inner.every((conversion) => conversion !== null)) return null;
  const codes = new Set<ErrorCode>(inner.flatMap((conversion) => conversion.codes));
  if (size !== null) codes.add('E_ARRAY_SHAPE');
  return {
    fits: size === null && inner.every((conversion) => conversion.class !== 'checked'),
    exact: sameShape && inner.every((conversion) => conversion.class === 'exact'),
    codes: [...codes],
    policies: [...new Set(inner.flatMap((conversion) => conversion.policies))],
    make: () => {
      const kernels = inner.map((conversion) => conversion.make());
      const children = kernels.every((kernel) => kernel === null) ? null : nestedToNested(to, kernels);
      if (size === null) return children;
      return (column, sink) => {
        const sized = checkSize(column, sink, size);
        return children === null ? withType(sized, to) : children(sized, sink);
      };
    },
  };
}

function toText(from: LogicalType, to: LogicalType): RuleResult | null {
  if (!hasJsonForm(from)) return null;
  const codes = new Set(jsonPrintCodes(from));
  if (to.kind === 'json' && to.binary) codes.add('E_INVALID_JSON');
  return { fits: codes.size === 0, codes: [...codes], policies: [], make: () => nestedToJson(to) };
}

function fromText(to: LogicalType, policies: Policies, find: Find): RuleResult | null {
  if (!hasJsonForm(to)) return null;
  const codes = new Set<ErrorCode>(JSON_CODES);
  const used = new Set<PolicyKey>();
  forLeaves(to, (leaf) => {
    const conversion = leafConversion(leaf, policies, find);
    for (const code of conversion?.codes ?? []) codes.add(code);
    for (const policy of conversion?.policies ?? []) used.add(policy);
    if (leaf.kind === 'float') codes.add('E_DECIMAL_SCALE');
  });
  return {
    fits: false,
    codes: [...codes],
    policies: [...used],
    make: () =>
      jsonToNested(to, (leaf, isKey): Kernel | null => {
        if (leaf.kind === 'float') return jsonNumbersToFloat(leaf);
        return leafConversion(leaf, isKey ? {} : policies, find)?.make() ?? null;
      }),
  };
}

/** From the text that JSON has for a leaf to its type; null where that text is the value already. */
function leafConversion(leaf: LogicalType, policies: Policies, find: Find): Conversion | null {
  const isItself = leaf.kind === 'text' || leaf.kind === 'binary' || leaf.kind === 'float';
  if (isItself || (leaf.kind === 'json' && !leaf.binary)) return null;
  return find(TEXT, leaf, policies);
}

function forLeaves(type: LogicalType, visit: (leaf: LogicalType) => void): void {
  const children = childTypes(type);
  if (children.length === 0) visit(type);
  for (const child of children) forLeaves(child, visit);
}
